import type { Fact } from '../model/fact.js';
import type { Recording } from '../model/recording.js';
import { ascending, medianSlope, quantile } from './stats.js';
import { type Window, window } from './window.js';

/** How the memory that survives collections developed over the window, in the process that grew most. */
export interface HeapTrend {
  proc: number;
  /** Heap after full collections and, where there were few, the low points after young ones: [seconds from window start, bytes]. */
  floor: [tS: number, bytes: number][];
  startBytes: number;
  endBytes: number;
  growthBytes: number;
  /** Growth of buffers outside the V8 heap over the window, bytes. */
  externalGrowthBytes: number;
  slopeBytesPerS: number;
  /** Share of the growth that fell into the last half of the window; a cache that fills and stops is near 0, a steady leak near 0.5. */
  lateShare: number;
  /** Share of consecutive floor points that rise, 0..1. */
  rising: number;
  fullCollections: number;
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
    if (!most)
      return {
        ok: false,
        because: 'no garbage collection was observed, so what survives one is not known',
        enable: 'record for longer (--for 30s)',
      };
    return { ok: true, value: most };
  },
};

/** Pieces of the window; the lowest heap after a collection in each is the best bound of what is really alive there. */
const PIECES = 8;

interface Point {
  tUs: number;
  used: number;
  full: boolean;
}

function trendOf(recording: Recording, view: Window, proc: number): HeapTrend | null {
  const points = collections(recording, proc, view);
  const floor = floorOf(points, view);
  if (floor.length < 3) return null;
  const first = floor[0]!;
  const last = floor[floor.length - 1]!;
  const growth = last.used - first.used;
  const middle = floor.filter((point) => point.tUs <= (first.tUs + last.tUs) / 2).at(-1) ?? first;
  const rises = floor.slice(1).filter((point, i) => point.used > floor[i]!.used).length;
  const seconds = floor.map((point) => [(point.tUs - view.startUs) / 1e6, point.used] as [number, number]);
  return {
    proc,
    floor: seconds,
    startBytes: first.used,
    endBytes: last.used,
    growthBytes: growth,
    externalGrowthBytes: externalGrowth(recording, proc, view),
    slopeBytesPerS: medianSlope(seconds),
    lateShare: growth > 0 ? (last.used - middle.used) / growth : 0,
    rising: rises / (floor.length - 1),
    fullCollections: points.filter((point) => point.full).length,
    limitBytes: limitOf(recording, proc),
  };
}

function collections(recording: Recording, proc: number, view: Window): Point[] {
  const { gc } = recording.streams;
  const full = recording.strings.indexOf('mark-sweep');
  const points: Point[] = [];
  for (let row = 0; row < gc.rows; row++) {
    const tUs = gc.startUs[row]! + gc.durUs[row]!;
    // The collection that closes the recording comes just after the window and is the best point of all.
    if (gc.proc[row] !== proc || gc.usedAfter[row]! <= 0 || tUs < view.startUs || tUs > view.endUs + 3e6) continue;
    points.push({ tUs, used: gc.usedAfter[row]!, full: gc.kind[row] === full });
  }
  return points.sort((a, b) => a.tUs - b.tUs);
}

/**
 * Lower envelope: what is alive at t can't exceed the lowest heap after any later collection minus what was allocated since, nor, seen
 * from t, the lowest of its own neighbourhood. The lowest point of each piece is taken.
 */
function floorOf(points: readonly Point[], view: Window): Point[] {
  const pieceUs = view.durationUs / PIECES;
  const lowest: Point[] = [];
  for (let piece = 0; piece < PIECES; piece++) {
    const from = view.startUs + piece * pieceUs;
    const to = piece === PIECES - 1 ? Number.POSITIVE_INFINITY : from + pieceUs;
    const inside = points.filter((point) => point.tUs >= from && point.tUs < to);
    const full = inside.filter((point) => point.full);
    const candidates = full.length > 0 ? full : inside;
    if (candidates.length > 0) lowest.push(candidates.reduce((low, point) => (point.used < low.used ? point : low)));
  }
  // A young collection leaves garbage that a later full one shows up: never above what comes later.
  for (let i = lowest.length - 2; i >= 0; i--) {
    if (!lowest[i]!.full && lowest[i]!.used > lowest[i + 1]!.used) lowest[i] = { ...lowest[i]!, used: lowest[i + 1]!.used };
  }
  return lowest;
}

function externalGrowth(recording: Recording, proc: number, view: Window): number {
  const { heap } = recording.streams;
  const head: number[] = [];
  const tail: number[] = [];
  for (let row = 0; row < heap.rows; row++) {
    const tUs = heap.tUs[row]!;
    if (heap.proc[row] !== proc || tUs < view.startUs || tUs > view.endUs) continue;
    const share = (tUs - view.startUs) / view.durationUs;
    if (share < 0.25) head.push(heap.external[row]!);
    else if (share > 0.75) tail.push(heap.external[row]!);
  }
  // Low quantiles: buffers wait for a collection to be freed, only what is never freed lifts the floor.
  return tail.length === 0 || head.length === 0 ? 0 : quantile(ascending(tail), 0.1) - quantile(ascending(head), 0.1);
}

function limitOf(recording: Recording, proc: number): number {
  const { heap } = recording.streams;
  for (let row = heap.rows - 1; row >= 0; row--) if (heap.proc[row] === proc) return heap.heapLimit[row]!;
  return 0;
}
