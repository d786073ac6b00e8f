import type { Fact } from '../model/fact.js';
import type { Recording } from '../model/recording.js';
import { ascending, quantile } from './stats.js';
import { type Window, window } from './window.js';

/** How the memory that survives full collections developed over the window, in the process that grew most. */
export interface HeapTrend {
  proc: number;
  /** Heap after each full collection: [seconds from window start, bytes]. Only these say what is alive. */
  floor: [tS: number, bytes: number][];
  startBytes: number;
  endBytes: number;
  growthBytes: number;
  /** Growth of buffers outside the V8 heap over the window, bytes. */
  externalGrowthBytes: number;
  /** Of that, what came in the last quarter over the one before, 0..1: a third for a steady leak, nothing for a cache that filled. */
  externalLateShare: number;
  /** From the first to the last of `floor`. */
  spanS: number;
  /**
   * At least this share of the growth came in the second half of the span: 0.5 for a steady leak, near 0 for a cache that filled and
   * stopped. A lower bound, since garbage on top hides part of it.
   */
  lateShare: number;
  limitBytes: number;
}

export const heapTrend: Fact<HeapTrend> = {
  id: 'heap-trend',
  compute(recording, get) {
    const view = get(window);
    const trends = recording.documents.processes
      .map((process, proc) => (process.role === 'target' ? trendOf(recording, view, proc) : null))
      .filter((trend) => trend !== null);
    trends.sort((a, b) => b.growthBytes + b.externalGrowthBytes - a.growthBytes - a.externalGrowthBytes);
    const [most] = trends;
    if (most) return { ok: true, value: most };
    const because = 'fewer than two full garbage collections were observed, so what survives one is not known';
    return { ok: false, because, enable: 'record with --depth standard, or for longer (--for 1m)' };
  },
};

/** Before the window's start that much still counts as its start: the probe collects just ahead of it. */
const AHEAD_US = 1_500_000;
/** The collection that ends the recording comes after the window. */
const BEHIND_US = 5_000_000;
/** Half width, as a share of the span, of the neighbourhood in the middle. */
const MIDDLE = 0.12;

/** A floor that rises by less than this many times what comes and goes within a quarter has not been shown to rise: bodies in flight. */
const SWINGS = 1.5;

interface Point {
  tUs: number;
  used: number;
  full: boolean;
}

function trendOf(recording: Recording, view: Window, proc: number): HeapTrend | null {
  const points = collections(recording, proc, view);
  const floor = points.filter((point) => point.full);
  const [first] = floor;
  const last = floor.at(-1);
  if (!first || !last || last.tUs - first.tUs < view.durationUs / 2) return null;
  const growthBytes = last.used - first.used;
  const spanUs = last.tUs - first.tUs;
  const middle = points.filter(({ tUs }) => Math.abs(tUs - first.tUs - spanUs / 2) <= spanUs * MIDDLE);
  const middleBytes = middle.reduce((low, { used }) => Math.min(low, used), last.used);
  return {
    proc,
    floor: floor.map(({ tUs, used }) => [(tUs - view.startUs) / 1e6, used]),
    startBytes: first.used,
    endBytes: last.used,
    growthBytes,
    ...externalGrowth(recording, proc, view),
    spanS: spanUs / 1e6,
    lateShare: growthBytes > 0 ? Math.max(0, last.used - middleBytes) / growthBytes : 0,
    limitBytes: limitOf(recording, proc),
  };
}

function collections(recording: Recording, proc: number, view: Window): Point[] {
  const { gc } = recording.streams;
  const points: Point[] = [];
  for (let row = 0; row < gc.rows; row++) {
    const tUs = gc.startUs[row]! + gc.durUs[row]!;
    if (gc.proc[row] !== proc || gc.usedAfter[row]! <= 0 || tUs < view.startUs - AHEAD_US || tUs > view.endUs + BEHIND_US) continue;
    const kind = recording.strings[gc.kind[row]!];
    points.push({ tUs, used: gc.usedAfter[row]!, full: kind === 'mark-sweep' || kind === 'forced' });
  }
  return points.sort((a, b) => a.tUs - b.tUs);
}

type ExternalGrowth = Pick<HeapTrend, 'externalGrowthBytes' | 'externalLateShare'>;

function externalGrowth(recording: Recording, proc: number, view: Window): ExternalGrowth {
  const { heap } = recording.streams;
  let afterwards = Number.POSITIVE_INFINITY;
  const quarters: number[][] = [[], [], [], []];
  for (let row = 0; row < heap.rows; row++) {
    const tUs = heap.tUs[row]!;
    if (heap.proc[row] !== proc || tUs < view.startUs) continue;
    if (tUs >= view.endUs) {
      // What is gone by then was garbage, however much of it there was before.
      afterwards = Math.min(afterwards, heap.external[row]!);
      continue;
    }
    quarters[Math.floor((4 * (tUs - view.startUs)) / view.durationUs)]!.push(heap.external[row]!);
  }
  if (quarters.some((values) => values.length === 0)) return { externalGrowthBytes: 0, externalLateShare: 0 };
  // Low quantiles: buffers wait for a collection to be freed, only what is never freed lifts the floor.
  const sorted = quarters.map(ascending);
  const [first, , third, late] = sorted.map((values) => quantile(values, 0.1)) as [number, number, number, number];
  const last = Math.min(late, afterwards);
  const swing = Math.max(...sorted.map((values) => quantile(values, 0.9) - quantile(values, 0.1)));
  const grown = last - first > SWINGS * swing ? last - first : 0;
  return { externalGrowthBytes: grown, externalLateShare: grown > 0 ? Math.max(0, last - third) / grown : 0 };
}

function limitOf(recording: Recording, proc: number): number {
  const { heap } = recording.streams;
  for (let row = heap.rows - 1; row >= 0; row--) if (heap.proc[row] === proc) return heap.heapLimit[row]!;
  return 0;
}
