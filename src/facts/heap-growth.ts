import { firstLineMatching } from '../ledger/source-line.js';
import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { window } from './window.js';

/** Live memory by where it was allocated: what was added since the window began and not freed until its end. */
export interface HeapGrowth {
  sites: GrowthSite[];
  /** Of all sampled growth, bytes. */
  totalBytes: number;
}

export interface GrowthSite {
  /** Where the growing thing is stored if the recorded source shows it, else the function that allocates it. */
  location: SourceLocation;
  allocatedIn: SourceLocation;
  /** Source text of what is appended to ("sessions", "this.listeners"), if seen. */
  container: string | null;
  bytes: number;
  share: number;
}

export const heapGrowth: Fact<HeapGrowth> = {
  id: 'heap-growth',
  compute(recording, get) {
    const { startUs } = get(window);
    const sites = new Map<string, GrowthSite>();
    let totalBytes = 0;
    for (const profile of recording.documents.heapProfiles) {
      if (!profile || profile.tUs.length < 2) continue;
      const base = baselineIndex(profile.tUs, startUs);
      for (const stack of profile.stacks) {
        const bytes = (stack.liveBytes.at(-1) ?? 0) - (stack.liveBytes[base] ?? 0);
        if (bytes <= 0) continue;
        totalBytes += bytes;
        const site = siteOf(recording, stack.frames);
        if (!site) continue;
        const key = `${site.location.file}:${site.location.line}:${site.allocatedIn.function}`;
        const known = sites.get(key);
        if (known) known.bytes += bytes;
        else sites.set(key, { ...site, bytes, share: 0 });
      }
    }
    if (totalBytes === 0)
      return { ok: false, because: 'no allocation samples of two moments were recorded', enable: 'record with --depth standard' };
    const list = [...sites.values()].sort((a, b) => b.bytes - a.bytes);
    for (const site of list) site.share = site.bytes / totalBytes;
    return { ok: true, value: { sites: list, totalBytes } };
  },
};

/** The last moment before, or else the first after, the window began; never the last one. */
function baselineIndex(tUs: readonly number[], startUs: number): number {
  const after = tUs.findIndex((us) => us >= startUs - 1_000_000);
  return Math.min(Math.max(0, after), tUs.length - 2);
}

/** Calls that keep what they are given. */
const KEEPING =
  /([\w$]+(?:(?:\.|\?\.|\.#)[\w$]+|\[[^\]]*\])*)(?:\.(?:set|add|push|unshift|on|once|addListener|addEventListener|prependListener|append|enqueue)\s*\(|\[[^\]]+\]\s*=[^=])/;
/** Objects that live as long as one request. */
const SHORT_LIVED = /^(res|req|request|response|reply|ctx|context|headers|next|params|query|body)\b/;

function siteOf(recording: Recording, frames: readonly SourceLocation[]): Omit<GrowthSite, 'bytes' | 'share'> | null {
  const own = frames.filter((frame) => frame.source === 'app');
  const allocatedIn = own[0] ?? frames.find((frame) => frame.source === 'dependency');
  if (!allocatedIn) return null;
  for (const frame of own) {
    let container: string | null = null;
    const locals = localNames(recording, frame);
    const line = firstLineMatching(recording, frame, (text) => {
      const match = KEEPING.exec(text);
      const root = match?.[1]?.split(/[.[?]/)[0] ?? '';
      if (!match || SHORT_LIVED.test(root) || locals.has(root)) return false;
      container = match[1]!;
      return true;
    });
    if (line) return { location: line, allocatedIn, container };
  }
  return { location: allocatedIn, allocatedIn, container: null };
}

/** Names declared inside the function: what is kept in them dies with it. */
function localNames(recording: Recording, frame: SourceLocation): Set<string> {
  const names = new Set<string>();
  firstLineMatching(recording, frame, (text) => {
    for (const match of text.matchAll(/\b(?:const|let|var)\s+(?:([\w$]+)|[{[]([^}\]]*)[}\]])\s*(=?)\s*(.*)/g)) {
      const value = match[4] ?? '';
      // A local that only names something longer-lived (`const list = registry.get(key)`) is no local.
      if (match[1] && /^(\[|\{|new |await |\()/.test(value)) names.add(match[1]);
    }
    return false;
  });
  return names;
}
