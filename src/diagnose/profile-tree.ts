import type { ProfileDocument, Recording } from '../model/recording.js';
import type { ProfileTree } from '../model/report.js';

/** Nodes below this share of the samples can't be seen in a flame graph. */
const VISIBLE_SHARE = 0.0005;
const MOST_NODES = 4_000;

/** The flame graph of the target process with most samples in the window; null without a profile. */
export function profileTree(recording: Recording, startUs: number, endUs: number): ProfileTree | null {
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
  return profile && byNode ? build(profile, byNode) : null;
}

function sumOf(counts: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

function build(profile: ProfileDocument, self: ReadonlyMap<number, number>): ProfileTree {
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
  const tree: ProfileTree = { intervalUs: profile.intervalUs, totalSamples: all, nodes: [] };
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
      const visible = children[node]!.filter((child) => total[child]! >= Math.max(1, all * VISIBLE_SHARE));
      for (const child of visible.sort((a, b) => total[a]! - total[b]!)) pending.push([child, index]);
    }
  };
  profile.nodes.forEach((node, i) => {
    if (node.parent < 0 && total[i]! > 0) emit(i);
  });
  return tree;
}
