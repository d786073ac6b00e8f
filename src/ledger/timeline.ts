import type { Recording } from '../model/recording.js';
import { buildCoverage, type Coverage } from './coverage.js';

/** Who held the main thread of one process, in order; between two turns the loop was idle. Times in recording microseconds. */
export interface Timeline {
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  readonly owner: Float64Array;
  readonly gcStartUs: Float64Array;
  readonly gcEndUs: Float64Array;
  /** Outside of it, nothing is known of who held the thread. */
  readonly coverage: Coverage;
}

/** Turns of one process closer together than this are one busy stretch: the loop did not get to wait in between. */
const TOUCHING_US = 30;

export function buildTimelines(recording: Recording): Timeline[] {
  return recording.documents.processes.map((_, proc) => buildTimeline(recording, proc));
}

function buildTimeline(recording: Recording, proc: number): Timeline {
  const { turns, gc } = recording.streams;
  const order = rowsOf(turns.proc, turns.rows, proc).sort((a, b) => turns.startUs[a]! - turns.startUs[b]!);
  const gcOrder = rowsOf(gc.proc, gc.rows, proc).sort((a, b) => gc.startUs[a]! - gc.startUs[b]!);
  const startUs = Float64Array.from(order, (row) => turns.startUs[row]!);
  const endUs = Float64Array.from(order, (row) => turns.startUs[row]! + turns.durUs[row]!);
  // Rounding to whole microseconds may let neighbours overlap by one; each instant has one owner.
  for (let i = 1; i < endUs.length; i++) if (startUs[i]! < endUs[i - 1]!) startUs[i] = Math.min(endUs[i - 1]!, endUs[i]!);
  return {
    startUs,
    endUs,
    owner: Float64Array.from(order, (row) => turns.owner[row]!),
    gcStartUs: Float64Array.from(gcOrder, (row) => gc.startUs[row]!),
    gcEndUs: Float64Array.from(gcOrder, (row) => gc.startUs[row]! + gc.durUs[row]!),
    coverage: buildCoverage(recording, proc),
  };
}

function rowsOf(procs: Float64Array, rows: number, proc: number): number[] {
  const found: number[] = [];
  for (let row = 0; row < rows; row++) if (procs[row] === proc) found.push(row);
  return found;
}

/** First index whose value is > `value` in an ascending array. */
export function upperBound(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (values[mid]! <= value) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Index of the first turn that ends after `us`. */
export function firstTurnAfter(timeline: Timeline, us: number): number {
  return upperBound(timeline.endUs, us);
}

/** Start of the unbroken busy stretch that reaches up to `us`; `us` itself where the loop was idle just before. */
export function busySince(timeline: Timeline, us: number): number {
  let index = upperBound(timeline.startUs, us - 1) - 1;
  let since = us;
  while (index >= 0 && timeline.endUs[index]! >= since - TOUCHING_US) {
    since = Math.min(since, timeline.startUs[index]!);
    index--;
  }
  return since;
}

/** End of the unbroken busy stretch that goes on from `us`; `us` itself where the loop was idle then. */
export function busyUntil(timeline: Timeline, us: number): number {
  let until = us;
  for (let i = firstTurnAfter(timeline, us); i < timeline.startUs.length && timeline.startUs[i]! <= until + TOUCHING_US; i++) {
    until = Math.max(until, timeline.endUs[i]!);
  }
  return until;
}

/** Microseconds of [from, to] that garbage collections took. */
export function gcWithin(timeline: Timeline, fromUs: number, toUs: number): number {
  const sum = gcPauses(timeline, fromUs, toUs).reduce((total, [start, end]) => total + end - start, 0);
  return Math.min(sum, toUs - fromUs);
}

/** The parts of [from, to] in which a collection ran. */
export function gcPauses(timeline: Timeline, fromUs: number, toUs: number): [startUs: number, endUs: number][] {
  const pauses: [number, number][] = [];
  for (let i = upperBound(timeline.gcEndUs, fromUs); i < timeline.gcStartUs.length && timeline.gcStartUs[i]! < toUs; i++) {
    const start = Math.max(fromUs, timeline.gcStartUs[i]!);
    const end = Math.min(toUs, timeline.gcEndUs[i]!);
    if (end > start) pauses.push([start, end]);
  }
  return pauses;
}

/** Microseconds of [from, to] in which the main thread held anything at all. */
export function busyWithin(timeline: Timeline, fromUs: number, toUs: number): number {
  let sum = 0;
  for (let i = firstTurnAfter(timeline, fromUs); i < timeline.startUs.length && timeline.startUs[i]! < toUs; i++) {
    sum += Math.min(toUs, timeline.endUs[i]!) - Math.max(fromUs, timeline.startUs[i]!);
  }
  return sum;
}
