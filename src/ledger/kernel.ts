import type { Recording } from '../model/recording.js';
import { coveredWithin } from './coverage.js';
import { busyWithin, type Timeline, upperBound } from './timeline.js';

/**
 * What the kernel kept from the main thread, per sampling interval.
 *
 * schedstat's run-queue wait covers both a thread preempted while it had work and one that was woken and not yet given a core. The first
 * lies inside its busy stretches (wall time of turns beyond its CPU time), the second at the end of an idle stretch.
 */
export interface KernelShare {
  readonly endUs: Float64Array;
  /** Share of busy wall time that the thread was runnable without a core, 0..1. */
  readonly busyShare: Float64Array;
  /** Mean microseconds between being woken and running, per wake-up. */
  readonly perWakeUs: Float64Array;
  /** Share of all this waiting that a cgroup quota caused, 0..1; the rest is the run queue. */
  readonly throttledShare: Float64Array;
}

/** null where the outside collector had no view of the main thread. */
export function buildKernelShare(recording: Recording, proc: number, timeline: Timeline): KernelShare | null {
  const { threads } = recording.streams;
  const main = recording.strings.indexOf('main');
  const rows: number[] = [];
  for (let row = 0; row < threads.rows; row++) if (threads.proc[row] === proc && threads.kind[row] === main) rows.push(row);
  if (rows.length < 2) return null;
  rows.sort((a, b) => threads.tUs[a]! - threads.tUs[b]!);
  const seen = rows.map((row, i) => (i === 0 ? 0 : seenShare(timeline, threads.tUs[rows[i - 1]!]!, threads.tUs[row]!)));
  const ends = rows.flatMap((_, i) => (i > 0 && seen[i]! >= LEAST_SEEN ? [i] : []));
  const size = ends.length;
  const share: KernelShare = {
    endUs: new Float64Array(size),
    busyShare: new Float64Array(size),
    perWakeUs: new Float64Array(size),
    throttledShare: new Float64Array(size),
  };
  for (let i = 0; i < size; i++) {
    const end = ends[i]!;
    const fromUs = threads.tUs[rows[end - 1]!]!;
    const row = rows[end]!;
    const toUs = threads.tUs[row]!;
    const cpuUs = threads.cpuUs[row]!;
    const runqUs = threads.runqUs[row]!;
    // Of an interval seen in part, the rest is taken to have been like it.
    const busyUs = busyWithin(timeline, fromUs, toUs) / seen[end]!;
    const inBusyUs = Math.max(0, Math.min(runqUs, busyUs - cpuUs));
    share.endUs[i] = toUs;
    share.busyShare[i] = busyUs > 0 ? Math.min(1, inBusyUs / busyUs) : 0;
    share.perWakeUs[i] = (runqUs - inBusyUs) / Math.max(1, wakesWithin(timeline, fromUs, toUs) / seen[end]!);
    share.throttledShare[i] = runqUs > 0 ? Math.min(1, throttledWithin(recording, fromUs, toUs) / runqUs) : 0;
  }
  return share;
}

/** An interval of which less was seen says nothing about the rest of it. */
const LEAST_SEEN = 0.5;

function seenShare(timeline: Timeline, fromUs: number, toUs: number): number {
  return toUs > fromUs ? coveredWithin(timeline.coverage, fromUs, toUs) / (toUs - fromUs) : 0;
}

export interface KernelAt {
  busyShare: number;
  perWakeUs: number;
  throttledShare: number;
}

export function kernelAt(share: KernelShare | null, us: number): KernelAt {
  if (!share || share.endUs.length === 0) return { busyShare: 0, perWakeUs: 0, throttledShare: 0 };
  const i = Math.min(share.endUs.length - 1, upperBound(share.endUs, us - 1));
  return { busyShare: share.busyShare[i]!, perWakeUs: share.perWakeUs[i]!, throttledShare: share.throttledShare[i]! };
}

function wakesWithin(timeline: Timeline, fromUs: number, toUs: number): number {
  let wakes = 0;
  for (let i = upperBound(timeline.startUs, fromUs); i < timeline.startUs.length && timeline.startUs[i]! < toUs; i++) {
    if (i === 0 || timeline.startUs[i]! > timeline.endUs[i - 1]! + 30) wakes++;
  }
  return wakes;
}

function throttledWithin(recording: Recording, fromUs: number, toUs: number): number {
  const { cgroup } = recording.streams;
  let sum = 0;
  let previousUs = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < cgroup.rows; row++) {
    const endUs = cgroup.tUs[row]!;
    if (Number.isFinite(previousUs) && endUs > previousUs) {
      const overlapUs = Math.max(0, Math.min(toUs, endUs) - Math.max(fromUs, previousUs));
      sum += (cgroup.throttledUs[row]! * overlapUs) / (endUs - previousUs);
    }
    previousUs = endUs;
  }
  return sum;
}
