import { hotFrame } from '../ledger/hot-frame.js';
import { upperBound } from '../ledger/timeline.js';
import type { Fact } from '../model/fact.js';
import type { ProfileDocument, Recording, SourceLocation } from '../model/recording.js';
import { ascending, quantile } from './stats.js';
import { window } from './window.js';

/** What collecting garbage cost the main thread of the busiest collector. */
export interface GcLoad {
  proc: number;
  count: number;
  pauseMs: number;
  maxPauseMs: number;
  p99PauseMs: number;
  /** Share of the window's wall time, 0..1. */
  share: number;
  /** Share of the time in which the main thread had work and a core, 0..1. */
  shareOfBusy: number;
  /** Allocation rate from heap sizes before and after collections; -1 where sizes are unknown. */
  allocatedBytesPerS: number;
  byKind: { kind: string; count: number; ms: number }[];
  /** The user's function that ran most often when a collection became due. */
  allocator: SourceLocation | null;
  allocatorShare: number;
}

export const gcLoad: Fact<GcLoad> = {
  id: 'gc-load',
  compute(recording, get) {
    const { startUs, endUs, durationUs } = get(window);
    if (recording.streams.loop.rows === 0) {
      return { ok: false, because: 'the target was not observed from inside', enable: 'run a Node.js target with --depth light or more' };
    }
    const loads = recording.documents.processes
      .map((process, proc) => (process.role === 'target' ? loadOf(recording, proc, startUs, endUs, durationUs) : null))
      .filter((load) => load !== null)
      .sort((a, b) => b.pauseMs - a.pauseMs);
    return loads[0] ? { ok: true, value: loads[0] } : { ok: false, because: 'no process of the target was observed from inside' };
  },
};

function loadOf(recording: Recording, proc: number, startUs: number, endUs: number, durationUs: number): GcLoad {
  const { gc, loop } = recording.streams;
  // Our own, made to look at the heap; not the target's doing.
  const forced = recording.strings.indexOf('forced');
  const pausesMs: number[] = [];
  const starts: number[] = [];
  const kinds = new Map<string, { kind: string; count: number; ms: number }>();
  let allocated = 0;
  let coveredUs = 0;
  let previousAfter = -1;
  let previousUs = 0;
  for (let row = 0; row < gc.rows; row++) {
    if (gc.proc[row] !== proc || gc.startUs[row]! < startUs || gc.startUs[row]! >= endUs || gc.kind[row] === forced) continue;
    const ms = gc.durUs[row]! / 1000;
    pausesMs.push(ms);
    starts.push(gc.startUs[row]!);
    const kind = recording.strings[gc.kind[row]!] ?? 'other';
    const sum = kinds.get(kind) ?? { kind, count: 0, ms: 0 };
    sum.count++;
    sum.ms += ms;
    kinds.set(kind, sum);
    // Where collections are many the probe takes their sizes only now and then: they speak for the time between two of them.
    if (previousAfter >= 0 && gc.usedBefore[row]! >= 0) {
      allocated += Math.max(0, gc.usedBefore[row]! - previousAfter);
      coveredUs += gc.startUs[row]! - previousUs;
    }
    previousAfter = gc.usedAfter[row]!;
    previousUs = gc.startUs[row]!;
  }
  let activeUs = 0;
  for (let row = 0; row < loop.rows; row++) {
    if (loop.proc[row] === proc && loop.tUs[row]! >= startUs && loop.tUs[row]! < endUs) activeUs += loop.activeUs[row]!;
  }
  // A thread without a core is busy with nothing: beside neighbours its collector would look small.
  const busyUs = Math.max(0, activeUs - offCoreUs(recording, proc, startUs, endUs));
  const sorted = ascending(pausesMs);
  const pauseMs = pausesMs.reduce((sum, ms) => sum + ms, 0);
  const allocator = allocatorOf(recording, proc, starts);
  return {
    proc,
    count: pausesMs.length,
    pauseMs,
    maxPauseMs: quantile(sorted, 1),
    p99PauseMs: quantile(sorted, 0.99),
    share: (pauseMs * 1000) / durationUs,
    shareOfBusy: activeUs > 0 ? (pauseMs * 1000) / Math.max(busyUs, pauseMs * 1000, 1) : 0,
    allocatedBytesPerS: coveredUs > 0 ? allocated / (coveredUs / 1e6) : -1,
    byKind: [...kinds.values()].sort((a, b) => b.ms - a.ms),
    allocator: allocator?.location ?? null,
    allocatorShare: allocator?.share ?? 0,
  };
}

/** In which the main thread had work and no core. 0 where that was not recorded. */
function offCoreUs(recording: Recording, proc: number, startUs: number, endUs: number): number {
  const { threads } = recording.streams;
  const main = recording.strings.indexOf('main');
  let us = 0;
  for (let row = 0; row < threads.rows; row++) {
    if (threads.proc[row] !== proc || threads.kind[row] !== main || threads.tUs[row]! <= startUs || threads.tUs[row]! > endUs) continue;
    us += Math.max(0, threads.runqUs[row]!);
  }
  return us;
}

/** Collections follow each other closely where memory is short, and samples come late where cores are. */
const LOOK_BACK_US = 30_000;
/** The function must have been running before this share of all collections. */
const NAMEABLE_SHARE = 0.25;

/** A collection comes due when an allocation finds no room, so over many the function found running just before is the one that allocates. */
function allocatorOf(recording: Recording, proc: number, starts: readonly number[]): { location: SourceLocation; share: number } | null {
  const profile = recording.documents.profiles[proc];
  const { samples } = recording.streams;
  if (!profile || starts.length === 0) return null;
  const rows: number[] = [];
  for (let row = 0; row < samples.rows; row++) if (samples.proc[row] === proc) rows.push(row);
  rows.sort((a, b) => samples.tUs[a]! - samples.tUs[b]!);
  const times = Float64Array.from(rows, (row) => samples.tUs[row]!);
  const nodes: number[] = [];
  for (const startUs of starts) {
    // The sampler may have caught the collector itself, or Node at work between two of the user's calls: look back for the user's code.
    for (let i = upperBound(times, startUs) - 1; i >= 0 && times[i]! > startUs - LOOK_BACK_US; i--) {
      const node = samples.node[rows[i]!]!;
      if (!runsOwnCode(profile, node)) continue;
      nodes.push(node);
      break;
    }
  }
  const hot = hotFrame(profile, nodes);
  const share = hot ? (hot.share * nodes.length) / starts.length : 0;
  return hot && share >= NAMEABLE_SHARE ? { location: hot.location, share } : null;
}

function runsOwnCode({ nodes }: ProfileDocument, leaf: number): boolean {
  for (let node = leaf; node >= 0; node = nodes[node]?.parent ?? -1) if (nodes[node]?.location.source === 'app') return true;
  return false;
}
