import type { Recording } from '../model/recording.js';
import { coveredWithin, covers } from './coverage.js';
import { busyWithin, type Timeline, upperBound } from './timeline.js';

/**
 * What the kernel kept from the main thread.
 *
 * schedstat's run-queue wait covers both a thread preempted while it had work and one that was woken and not yet given a core. The first
 * lies inside its busy stretches, the second at the end of an idle stretch.
 */
export interface OffCore {
  /** Microseconds of the busy stretch [from, to] that the thread was runnable without a core. */
  withinUs(fromUs: number, toUs: number): number;
  /** Microseconds between being woken and running, of the wake-up that ended the idle stretch before `us`. */
  wakeUs(us: number): number;
  /** Share of such waiting around `us` that a cgroup quota caused, 0..1; the rest is the run queue. */
  throttledShare(us: number): number;
}

/** Stretches in which the thread was kept waiting, in order, none overlapping. */
interface Stretches {
  startUs: Float64Array;
  endUs: Float64Array;
  /** Share of the busy part that the thread had no core, 0..1. */
  busyShare: Float64Array;
  /** Mean microseconds per wake-up. */
  perWakeUs: Float64Array;
  runqUs: Float64Array;
}

/** Null where neither the probe nor the collector had a view of the main thread. */
export function offCoreOf(recording: Recording, proc: number, timeline: Timeline): OffCore | null {
  const seenInside = recording.documents.processes[proc]?.features['stalls'] === true;
  const stretches = seenInside ? insideStretches(recording, proc, timeline) : outsideStretches(recording, proc, timeline);
  if (!stretches) return null;
  const { startUs, endUs, busyShare, perWakeUs } = stretches;
  const throttled = throttling(recording, stretches);
  return {
    withinUs(fromUs, toUs) {
      let sum = 0;
      for (let i = upperBound(endUs, fromUs); i < startUs.length && startUs[i]! < toUs; i++) {
        sum += busyShare[i]! * Math.max(0, Math.min(toUs, endUs[i]!) - Math.max(fromUs, startUs[i]!));
      }
      return Math.min(sum, toUs - fromUs);
    },
    wakeUs(us) {
      const i = upperBound(endUs, us - 1);
      return i < startUs.length && startUs[i]! < us ? perWakeUs[i]! : 0;
    },
    throttledShare: throttled,
  };
}

/** From the probe: read where turns begin and end, so that few stretches hold both work and waiting. */
function insideStretches(recording: Recording, proc: number, timeline: Timeline): Stretches {
  const { stalls } = recording.streams;
  const endOf = (row: number) => stalls.startUs[row]! + stalls.durUs[row]!;
  // The first one after a pause of the ledger reaches back over it.
  const seen = (row: number) => stalls.proc[row] === proc && covers(timeline.coverage, stalls.startUs[row]!, endOf(row));
  const rows = rowsWhere(stalls.rows, seen).sort((a, b) => stalls.startUs[a]! - stalls.startUs[b]!);
  const stretches = emptyStretches(rows.length);
  rows.forEach((row, i) => {
    const fromUs = stalls.startUs[row]!;
    const toUs = endOf(row);
    const busyUs = busyWithin(timeline, fromUs, toUs);
    // Both kinds of waiting may lie in one stretch; the longer part more likely holds them.
    const inBusyUs = Math.min(busyUs, (stalls.runqUs[row]! * busyUs) / Math.max(1, toUs - fromUs));
    const wakes = wakesWithin(timeline, fromUs, toUs);
    fill(stretches, i, { fromUs, toUs, busyUs, wakes, inBusyUs, runqUs: stalls.runqUs[row]! });
  });
  return stretches;
}

/** From the collector, five times a second: all that is known is how much of an interval it was. */
function outsideStretches(recording: Recording, proc: number, timeline: Timeline): Stretches | null {
  const { threads } = recording.streams;
  const main = recording.strings.indexOf('main');
  const rows = rowsWhere(threads.rows, (row) => threads.proc[row] === proc && threads.kind[row] === main);
  if (rows.length < 2) return null;
  rows.sort((a, b) => threads.tUs[a]! - threads.tUs[b]!);
  const seen = rows.map((row, i) => (i === 0 ? 0 : seenShare(timeline, threads.tUs[rows[i - 1]!]!, threads.tUs[row]!)));
  const ends = rows.flatMap((_, i) => (i > 0 && seen[i]! >= LEAST_SEEN ? [i] : []));
  const stretches = emptyStretches(ends.length);
  ends.forEach((end, i) => {
    const row = rows[end]!;
    const fromUs = threads.tUs[rows[end - 1]!]!;
    const toUs = threads.tUs[row]!;
    // Of an interval seen in part, the rest is taken to have been like it.
    const busyUs = busyWithin(timeline, fromUs, toUs) / seen[end]!;
    const wakes = wakesWithin(timeline, fromUs, toUs) / seen[end]!;
    const runqUs = threads.runqUs[row]!;
    const inBusyUs = Math.max(0, Math.min(runqUs, busyUs - threads.cpuUs[row]!));
    fill(stretches, i, { fromUs, toUs, busyUs, wakes, inBusyUs, runqUs });
  });
  return stretches;
}

/** An interval of which less was seen says nothing about the rest of it. */
const LEAST_SEEN = 0.3;

function seenShare(timeline: Timeline, fromUs: number, toUs: number): number {
  return toUs > fromUs ? coveredWithin(timeline.coverage, fromUs, toUs) / (toUs - fromUs) : 0;
}

interface Stretch {
  fromUs: number;
  toUs: number;
  busyUs: number;
  wakes: number;
  inBusyUs: number;
  runqUs: number;
}

function fill(into: Stretches, i: number, { fromUs, toUs, busyUs, wakes, inBusyUs, runqUs }: Stretch): void {
  into.startUs[i] = fromUs;
  into.endUs[i] = toUs;
  into.busyShare[i] = busyUs > 0 ? Math.min(1, inBusyUs / busyUs) : 0;
  into.perWakeUs[i] = (runqUs - inBusyUs) / Math.max(1, wakes);
  into.runqUs[i] = runqUs;
}

function emptyStretches(size: number): Stretches {
  const column = () => new Float64Array(size);
  return { startUs: column(), endUs: column(), busyShare: column(), perWakeUs: column(), runqUs: column() };
}

function rowsWhere(rows: number, holds: (row: number) => boolean): number[] {
  const found: number[] = [];
  for (let row = 0; row < rows; row++) if (holds(row)) found.push(row);
  return found;
}

function wakesWithin(timeline: Timeline, fromUs: number, toUs: number): number {
  let wakes = 0;
  for (let i = upperBound(timeline.startUs, fromUs); i < timeline.startUs.length && timeline.startUs[i]! < toUs; i++) {
    if (i === 0 || timeline.startUs[i]! > timeline.endUs[i - 1]! + 30) wakes++;
  }
  return wakes;
}

/**
 * The kernel adds to the group's throttled time when the throttling ends, so that a collector's interval may show what belongs to the one
 * before: each is judged with its neighbours.
 */
function throttling(recording: Recording, stretches: Stretches): (us: number) => number {
  const { cgroup } = recording.streams;
  const shares = new Float64Array(cgroup.rows);
  for (let row = 1; row < cgroup.rows; row++) {
    const first = Math.max(1, row - 1);
    const last = Math.min(cgroup.rows - 1, row + 1);
    let throttledUs = 0;
    for (let i = first; i <= last; i++) throttledUs += cgroup.throttledUs[i]!;
    const runqUs = throttledUs > 0 ? waitedWithin(stretches, cgroup.tUs[first - 1]!, cgroup.tUs[last]!) : 0;
    shares[row] = runqUs > 0 ? Math.min(1, throttledUs / runqUs) : 0;
  }
  return (us) => shares[Math.min(cgroup.rows - 1, upperBound(cgroup.tUs, us - 1))] ?? 0;
}

function waitedWithin({ startUs, endUs, runqUs }: Stretches, fromUs: number, toUs: number): number {
  let sum = 0;
  for (let i = upperBound(endUs, fromUs); i < startUs.length && startUs[i]! < toUs; i++) {
    const overlapUs = Math.min(toUs, endUs[i]!) - Math.max(fromUs, startUs[i]!);
    if (overlapUs > 0) sum += (runqUs[i]! * overlapUs) / Math.max(1, endUs[i]! - startUs[i]!);
  }
  return sum;
}
