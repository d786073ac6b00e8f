import type { ProfileDocument, SourceLocation } from '../model/recording.js';

/** The function that a set of profile samples points at. */
export interface HotFrame {
  location: SourceLocation;
  /** Share of the samples that ran in it or in what it called, 0..1. */
  share: number;
  /** What it mostly called, where its own code was not the bulk. */
  callee: Callee | null;
  /** Names of the app's functions from the outermost to this one. */
  path: string[];
  /** The same functions as `functionKey` has them; the last is this one. */
  keys: string[];
  /** The user's functions that the one with this key called, most samples first. */
  below(key: string): Inner[];
}

/** A function of the user's that another one called. */
export interface Inner {
  key: string;
  /** The function itself, and the line of it that most of its own samples are on. */
  location: SourceLocation;
  hottestLine: number;
  /** Of the caller's samples, 0..1. */
  share: number;
  /** Most of its samples are its own, and not those of what it called. */
  ownWork: boolean;
}

export interface Callee {
  /** "JSON.parse", "pbkdf2Sync", "RegExp: ^(a+)+$", "(anonymous)" */
  name: string;
  location: SourceLocation;
}

/** A function must carry at least this share of the samples to be named. */
const NAMEABLE_SHARE = 0.5;

interface Seen {
  node: number;
  samples: number;
  depth: number;
  selfSamples: number;
  /** By function: samples, and a node of it. */
  callees: Map<string, { samples: number; node: number }>;
}

/**
 * The deepest function of the user's own code that is on the stack in most samples (of a dependency, where no own code is).
 * Deepest, because what calls it is only the way there.
 */
export function hotFrame(profile: ProfileDocument, sampleNodes: readonly number[]): HotFrame | null {
  if (sampleNodes.length === 0) return null;
  return deepestOf(profile, sampleNodes, 'app') ?? deepestOf(profile, sampleNodes, 'dependency');
}

function deepestOf(profile: ProfileDocument, sampleNodes: readonly number[], source: SourceLocation['source']): HotFrame | null {
  const functions = new Map<string, Seen>();
  for (const leaf of sampleNodes) countStack(profile, leaf, source, functions);
  const candidates = [...functions.values()].filter((seen) => seen.samples >= sampleNodes.length * NAMEABLE_SHARE);
  if (candidates.length === 0) return null;
  candidates.sort((a, b) => b.depth / b.samples - a.depth / a.samples || b.samples - a.samples);
  const best = candidates[0]!;
  const line = hottestLine(profile, best);
  const node = profile.nodes[best.node]!;
  const callee = [...best.callees.values()].sort((a, b) => b.samples - a.samples)[0];
  const ownWork = best.selfSamples >= best.samples / 2 || !callee;
  return {
    location: ownWork && line !== null ? atLine(node.location, line) : node.location,
    share: best.samples / sampleNodes.length,
    callee: ownWork ? null : calleeOf(profile.nodes[callee.node]!.location),
    path: candidates.map((seen) => profile.nodes[seen.node]!.location.function).reverse(),
    keys: candidates.map((seen) => functionKey(profile.nodes[seen.node]!.location)).reverse(),
    below: (key) => innerOf(profile, functions, key),
  };
}

function innerOf(profile: ProfileDocument, functions: ReadonlyMap<string, Seen>, key: string): Inner[] {
  const caller = functions.get(key);
  const called = [...(caller?.callees ?? [])].sort((a, b) => b[1].samples - a[1].samples);
  return called.flatMap(([innerKey, { samples }]) => {
    const seen = functions.get(innerKey);
    if (!seen) return [];
    const { location } = profile.nodes[seen.node]!;
    const ownWork = seen.selfSamples >= seen.samples / 2;
    return [
      { key: innerKey, location, hottestLine: hottestLine(profile, seen) ?? location.line, share: samples / caller!.samples, ownWork },
    ];
  });
}

function calleeOf(location: SourceLocation): Callee {
  return { name: location.function, location };
}

/** Samples know lines, not columns: the function's own column would point into another line's text. */
export function atLine(location: SourceLocation, line: number): SourceLocation {
  if (line === location.line) return location;
  const { column: _, ...rest } = location;
  return { ...rest, line };
}

function countStack(profile: ProfileDocument, leaf: number, source: SourceLocation['source'], functions: Map<string, Seen>): void {
  // From the leaf to the root; the outermost occurrence of a function counts, so that recursion is one function.
  const stack: number[] = [];
  for (let node = leaf; node >= 0 && stack.length < 512; node = profile.nodes[node]?.parent ?? -1) stack.push(node);
  const { keys } = indexOf(profile);
  const counted = new Set<string>();
  for (let i = stack.length - 1; i >= 0; i--) {
    const location = profile.nodes[stack[i]!]?.location;
    if (!location || location.source !== source) continue;
    const key = keys[stack[i]!]!;
    if (counted.has(key)) continue;
    counted.add(key);
    let seen = functions.get(key);
    if (!seen) {
      seen = { node: stack[i]!, samples: 0, depth: 0, selfSamples: 0, callees: new Map() };
      functions.set(key, seen);
    }
    seen.samples++;
    seen.depth += stack.length - 1 - i;
    const innermost = innermostOf(keys, stack, key);
    if (innermost === 0) seen.selfSamples++;
    else {
      const called = stack[innermost - 1]!;
      const callee = seen.callees.get(keys[called]!);
      if (callee) callee.samples++;
      else seen.callees.set(keys[called]!, { samples: 1, node: called });
    }
  }
}

/** Position (0 = leaf) of the innermost frame of a function. */
function innermostOf(keys: readonly string[], stack: readonly number[], key: string): number {
  for (let i = 0; i < stack.length; i++) if (keys[stack[i]!] === key) return i;
  return 0;
}

export function functionKey(location: SourceLocation): string {
  return `${location.file}:${location.line}:${location.column ?? 0}:${location.function}`;
}

/** The line of a function with most of its own samples, over all places it was called from. */
function hottestLine(profile: ProfileDocument, seen: Seen): number | null {
  const { keys, ticks } = indexOf(profile);
  const lines = ticks.get(keys[seen.node]!);
  return lines ? ([...lines].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? null) : null;
}

interface ProfileIndex {
  keys: string[];
  ticks: Map<string, Map<number, number>>;
}

/** Derived once per profile: hundreds of blocks ask. */
const indexes = new WeakMap<ProfileDocument, ProfileIndex>();

function indexOf(profile: ProfileDocument): ProfileIndex {
  const known = indexes.get(profile);
  if (known) return known;
  const keys = profile.nodes.map((node) => functionKey(node.location));
  const ticks = new Map<string, Map<number, number>>();
  profile.nodes.forEach((node, i) => {
    const lines = ticks.get(keys[i]!) ?? new Map<number, number>();
    for (const [line, samples] of node.ticks) lines.set(line, (lines.get(line) ?? 0) + samples);
    ticks.set(keys[i]!, lines);
  });
  const index = { keys, ticks };
  indexes.set(profile, index);
  return index;
}
