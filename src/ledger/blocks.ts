import type { BlockDocument, Recording, SourceLocation } from '../model/recording.js';
import { named, oneNamePerTask } from './block-names.js';
import { caughtWithin } from './caught.js';
import { type HotFrame, hotFrame } from './hot-frame.js';
import type { OffCore } from './kernel.js';
import { gcWithin, type Timeline, upperBound } from './timeline.js';

/** A long unbroken stretch of the main thread on behalf of one owner. */
export interface Block {
  readonly proc: number;
  readonly owner: number;
  readonly startUs: number;
  readonly endUs: number;
  /** Time its JavaScript really computed: without collector pauses and without waiting for a core. */
  readonly cpuUs: number;
  readonly gcUs: number;
  readonly hot: HotFrame | null;
  readonly location: SourceLocation | null;
  /** How often its stack was taken while it lasted. */
  readonly caught: number;
  /** "buildReport (src/report.js:12)"; null where no function carries most of it. */
  readonly label: string | null;
  /** The profile's nodes that were sampled while it lasted. */
  readonly nodes: readonly number[];
}

export interface BlockIndex {
  readonly all: readonly Block[];
  at(proc: number, us: number): Block | null;
}

/** A block with the stacks that were taken while it lasted. */
export interface SampledBlock {
  readonly block: Block;
  readonly caught: readonly BlockDocument[];
}

/** Shorter turns are ordinary work; naming each would cost more than it tells. */
const BLOCK_US = 10_000;

/** `routeOf`: the route of a request id, null for ids that are no requests. */
export function findBlocks(
  recording: Recording,
  timelines: readonly Timeline[],
  offCore: readonly (OffCore | null)[],
  routeOf: (proc: number, owner: number) => string | null,
): BlockIndex {
  const perProc = timelines.map((timeline, proc) => {
    const sampled = blocksOf(recording, proc, timeline, offCore[proc] ?? null);
    return oneNamePerTask(recording, proc, sampled, (owner) => (owner === 0 ? null : routeOf(proc, owner)));
  });
  const starts = perProc.map((blocks) => Float64Array.from(blocks, (block) => block.startUs));
  return {
    all: perProc.flat(),
    at(proc, us) {
      const block = perProc[proc]?.[upperBound(starts[proc] ?? new Float64Array(), us) - 1];
      return block && us < block.endUs ? block : null;
    },
  };
}

function blocksOf(recording: Recording, proc: number, timeline: Timeline, offCore: OffCore | null): SampledBlock[] {
  const samples = samplesOf(recording, proc);
  const blocks: SampledBlock[] = [];
  // Two turns of one owner that touch have a poll of the loop between them: others had theirs, so they are two blocks.
  for (const [i, owner] of timeline.owner.entries()) {
    const startUs = timeline.startUs[i]!;
    const endUs = timeline.endUs[i]!;
    if (endUs - startUs >= BLOCK_US) blocks.push(describe(recording, proc, timeline, offCore, samples, owner, startUs, endUs));
  }
  return blocks;
}

interface Samples {
  tUs: Float64Array;
  node: Float64Array;
}

function describe(
  recording: Recording,
  proc: number,
  timeline: Timeline,
  offCore: OffCore | null,
  samples: Samples,
  owner: number,
  startUs: number,
  endUs: number,
): SampledBlock {
  const profile = recording.documents.profiles[proc] ?? null;
  const from = upperBound(samples.tUs, startUs);
  const to = upperBound(samples.tUs, endUs);
  const nodes = Array.from(samples.node.subarray(from, to));
  const hot = profile ? hotFrame(profile, nodes) : null;
  const caught = caughtWithin(recording, proc, startUs, endUs);
  const gcUs = gcWithin(timeline, startUs, endUs);
  const restUs = endUs - startUs - gcUs;
  const cpuUs = Math.max(0, restUs - (offCore?.withinUs(startUs, endUs) ?? 0));
  const block = { proc, owner, startUs, endUs, gcUs, cpuUs, caught: caught.length, nodes, ...named(recording, hot, caught) };
  return { block, caught };
}

function samplesOf(recording: Recording, proc: number): Samples {
  const { samples } = recording.streams;
  const rows: number[] = [];
  for (let row = 0; row < samples.rows; row++) if (samples.proc[row] === proc) rows.push(row);
  rows.sort((a, b) => samples.tUs[a]! - samples.tUs[b]!);
  return { tUs: Float64Array.from(rows, (row) => samples.tUs[row]!), node: Float64Array.from(rows, (row) => samples.node[row]!) };
}
