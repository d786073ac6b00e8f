import type { Window } from '../facts/window.js';
import type { ProfileDocument, Recording } from '../model/recording.js';
import type { ProfileTree } from '../model/report.js';

/** Nodes below this share of the samples can't be seen in a flame graph. */
const VISIBLE_SHARE = 0.0005;
const MOST_NODES = 4_000;

/** Entries of the timeline: more would make the report a megabyte larger. */
const MOST_ENTRIES = 10_000;

/**
 * The flame graph of the target process with most samples in the window; null without a profile. `aroundUs`: the moment, from the window's
 * start, that its timeline must show if it can't show everything.
 */
export function profileTree(recording: Recording, { startUs, endUs }: Window, aroundUs: number): ProfileTree | null {
  const counts = new Map<number, Map<number, number>>();
  const { samples } = recording.streams;
  for (let row = 0; row < samples.rows; row++) {
    if (samples.tUs[row]! < startUs || samples.tUs[row]! > endUs) continue;
    const proc = samples.proc[row]!;
    const byNode = counts.get(proc) ?? new Map<number, number>();
    byNode.set(samples.node[row]!, (byNode.get(samples.node[row]!) ?? 0) + 1);
    counts.set(proc, byNode);
  }
  const [proc, byNode] = [...counts].sort((a, b) => sumOf(b[1]) - sumOf(a[1]))[0] ?? [];
  const profile = proc === undefined ? null : recording.documents.profiles[proc];
  if (!profile || !byNode || proc === undefined) return null;
  const { tree, emitted } = build(profile, byNode);
  return { ...tree, timeline: timelineOf(recording, proc, { startUs, endUs, aroundUs }, shownNodes(profile, emitted)) };
}

/** For each node of the profile the one of the tree that stands for it: itself, or the nearest ancestor that is large enough to be seen. */
function shownNodes(profile: ProfileDocument, emitted: ReadonlyMap<number, number>): number[] {
  const shown: number[] = [];
  for (const [i, { parent }] of profile.nodes.entries()) shown.push(emitted.get(i) ?? shown[parent] ?? 0);
  return shown;
}

function timelineOf(
  { streams: { samples } }: Recording,
  proc: number,
  { startUs, endUs, aroundUs }: { startUs: number; endUs: number; aroundUs: number },
  shown: readonly number[],
): ProfileTree['timeline'] {
  const order: number[] = [];
  for (let row = 0; row < samples.rows; row++)
    if (samples.proc[row] === proc && samples.tUs[row]! >= startUs && samples.tUs[row]! <= endUs) order.push(row);
  order.sort((a, b) => samples.tUs[a]! - samples.tUs[b]!);
  const begins: number[] = [];
  const nodes: number[] = [];
  for (const row of order) {
    const node = shown[samples.node[row]!] ?? 0;
    if (nodes.at(-1) === node) continue;
    nodes.push(node);
    begins.push(samples.tUs[row]! - startUs);
  }
  const after = begins.findIndex((us) => us > aroundUs);
  const middle = after < 0 ? nodes.length : after;
  const from = Math.max(0, Math.min(nodes.length - MOST_ENTRIES, middle - MOST_ENTRIES / 2));
  const to = Math.min(nodes.length, from + MOST_ENTRIES);
  const lastUs = order.length > 0 ? samples.tUs[order.at(-1)!]! - startUs : 0;
  return {
    startS: (begins[from] ?? 0) / 1e6,
    nodes: nodes.slice(from, to),
    us: begins.slice(from, to).map((us, i) => (begins[from + i + 1] ?? lastUs) - us),
  };
}

function sumOf(counts: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** `emitted`: where a node of the profile stands in the tree. */
function build(
  profile: ProfileDocument,
  self: ReadonlyMap<number, number>,
): { tree: Omit<ProfileTree, 'timeline'>; emitted: Map<number, number> } {
  const emitted = new Map<number, number>();
  const total = profile.nodes.map((_, i) => self.get(i) ?? 0);
  const children: number[][] = profile.nodes.map(() => []);
  // Parents come before their children in the array, so one backward pass sums the subtrees.
  for (let i = profile.nodes.length - 1; i >= 0; i--) {
    const { parent } = profile.nodes[i]!;
    if (parent < 0) continue;
    total[parent]! += total[i]!;
    children[parent]!.push(i);
  }
  const all = sumOf(self);
  const tree: Omit<ProfileTree, 'timeline'> = { intervalUs: profile.intervalUs, totalSamples: all, nodes: [] };
  const emit = (start: number): void => {
    const pending: [node: number, parent: number][] = [[start, -1]];
    while (pending.length > 0 && tree.nodes.length < MOST_NODES) {
      const [node, parent] = pending.pop()!;
      const { location } = profile.nodes[node]!;
      const index =
        tree.nodes.push({
          parent,
          function: location.function,
          file: location.file,
          line: location.line,
          source: location.source,
          self: self.get(node) ?? 0,
          total: total[node]!,
        }) - 1;
      emitted.set(node, index);
      const visible = children[node]!.filter((child) => total[child]! >= Math.max(1, all * VISIBLE_SHARE));
      for (const child of visible.sort((a, b) => total[a]! - total[b]!)) pending.push([child, index]);
    }
  };
  profile.nodes.forEach((node, i) => {
    if (node.parent < 0 && total[i]! > 0) emit(i);
  });
  return { tree, emitted };
}
