import type { BlockDocument, Recording } from '../model/recording.js';
import type { Block, SampledBlock } from './blocks.js';
import { exactLocation } from './caught.js';
import { type HotFrame, hotFrame } from './hot-frame.js';
import { throughInlining } from './inlined.js';
import { lineOfCall } from './source-line.js';

/** Function and line that a block is called by. */
export function named(
  recording: Recording,
  hot: HotFrame | null,
  caught: readonly BlockDocument[],
): Pick<Block, 'hot' | 'location' | 'label'> {
  const sampled = hot && (hot.callee ? lineOfCall(recording, hot.location, hot.callee) : throughInlining(recording, hot));
  const location = exactLocation(caught, hot?.location ?? null) ?? sampled;
  return { hot, location, label: location ? `${location.function} (${location.file}:${location.line})` : null };
}

/** Blocks of one route (or of no request) in which the same function was found hot. */
interface Group {
  task: string;
  keys: readonly string[];
  members: SampledBlock[];
  /** The group it was joined to, if any. */
  parent: Group | null;
}

/**
 * A task that first builds and then sorts is found here in the one half and there in the other, or in the function that calls both: one
 * illness under several names. Where the function of one block is on the way to that of another, both are the same task, and all samples
 * together say what carries most of it.
 */
export function oneNamePerTask(
  recording: Recording,
  proc: number,
  sampled: readonly SampledBlock[],
  routeOf: (owner: number) => string | null,
): Block[] {
  const groups = new Map<string, Group>();
  for (const one of sampled) {
    const keys = one.block.hot?.keys;
    if (!keys) continue;
    const task = routeOf(one.block.owner) ?? '';
    const id = `${task}\n${keys.at(-1)}`;
    const group = groups.get(id) ?? { task, keys, members: [], parent: null };
    group.members.push(one);
    groups.set(id, group);
  }
  for (const inner of groups.values()) {
    for (const key of inner.keys) {
      const outer = groups.get(`${inner.task}\n${key}`);
      if (outer && rootOf(outer) !== rootOf(inner)) rootOf(inner).parent = rootOf(outer);
    }
  }
  const names = new Map<SampledBlock, ReturnType<typeof named>>();
  for (const members of tasksOf([...groups.values()])) {
    if (new Set(members.map((one) => one.block.label)).size < 2) continue;
    const hot = hotFrame(
      recording.documents.profiles[proc]!,
      members.flatMap(({ block }) => block.nodes),
    );
    const name = named(
      recording,
      hot,
      members.flatMap(({ caught }) => caught),
    );
    for (const one of members) names.set(one, name);
  }
  return sampled.map((one) => ({ ...one.block, ...names.get(one) }));
}

function tasksOf(groups: readonly Group[]): SampledBlock[][] {
  const tasks = new Map<Group, SampledBlock[]>();
  for (const group of groups) tasks.set(rootOf(group), [...(tasks.get(rootOf(group)) ?? []), ...group.members]);
  return [...tasks.values()];
}

function rootOf(group: Group): Group {
  let root = group;
  while (root.parent) root = root.parent;
  return root;
}
