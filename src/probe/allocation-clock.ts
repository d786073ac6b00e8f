import type { CallFrame } from './inspector.js';

/** What V8's sampling heap profiler says of one live sample: `ordinal` counts samples in order of allocation, dead ones included. */
export interface HeapSample {
  size: number;
  nodeId: number;
  ordinal: number;
}

/**
 * Tells when a live object was allocated. V8 numbers its samples in order of allocation, and says nothing of time; so from time to time
 * something large is allocated here and kept, whose number is found again among the samples and whose time is known.
 */
export interface AllocationClock {
  /** Sets a mark now. */
  mark(tUs: number): void;
  /** Sets one if it is time for one. */
  tick(tUs: number): void;
  /** The newest of these samples is from now, or a little before: holds where a mark is missed. */
  anchor(tUs: number, samples: readonly HeapSample[]): void;
  /** Heap bytes that the marks occupy. */
  readonly bytes: number;
  /** Time of a sample's allocation. `nodes`: those of `allocationMark`. Null before the first mark and where marks cannot be found. */
  read(samples: readonly HeapSample[], nodes: ReadonlySet<number>): (ordinal: number) => number | null;
}

/** Sampled with a probability of 1 - e^-(size / interval): at four times the interval, 98 %. */
const MARK_INTERVALS = 4;
/** Each mark has a size of its own, by which it is told from the others. */
const SLOTS_APART = 4096;
const PERIOD_US = 2_000_000;
/** With more, every other one is given up and the rest come half as often. */
const MOST_MARKS = 5;

interface Point {
  tUs: number;
  ordinal: number;
}

interface Mark {
  tUs: number;
  bytes: number;
  held: number[];
}

export function createAllocationClock(intervalBytes: number): AllocationClock {
  let marks: Mark[] = [];
  const anchors: Point[] = [];
  let placed = 0;
  let periodUs = PERIOD_US;
  let dueUs = Number.POSITIVE_INFINITY;

  const mark = (tUs: number): void => {
    if (marks.length >= MOST_MARKS) {
      marks = marks.filter((_, i) => i === 0 || i % 2 === 1);
      periodUs *= 2;
    }
    const slots = (MARK_INTERVALS * intervalBytes) / 8 + SLOTS_APART * (placed++ % 16);
    marks.push({ tUs, bytes: slots * 8, held: allocationMark(slots) });
    dueUs = tUs + periodUs;
  };
  return {
    mark,
    tick(tUs) {
      if (tUs >= dueUs) mark(tUs);
    },
    anchor(tUs, samples) {
      const ordinal = samples.reduce((newest, sample) => Math.max(newest, sample.ordinal), -1);
      if (ordinal >= 0) anchors.push({ tUs, ordinal });
    },
    get bytes() {
      return marks.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    read(samples, nodes) {
      const found = samples.filter(({ nodeId }) => nodes.has(nodeId));
      const seen = marks.flatMap(({ tUs, bytes }) => {
        const sample = found.find(({ size }) => Math.abs(size - bytes) < SLOTS_APART * 4);
        return sample ? [{ tUs, ordinal: sample.ordinal }] : [];
      });
      const points = [...seen, ...anchors].sort((a, b) => a.ordinal - b.ordinal || a.tUs - b.tUs);
      return (ordinal) => timeOf(points, ordinal);
    },
  };
}

/** Doubles hold no pointers, so that no collection has to look into a mark. */
export function allocationMark(slots: number): number[] {
  return new Array<number>(slots).fill(0.5);
}

export function isAllocationMark(frame: CallFrame): boolean {
  return frame.functionName === allocationMark.name && frame.url.endsWith(__filename);
}

function timeOf(points: readonly Point[], ordinal: number): number | null {
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1]!, points[i]!];
    if (ordinal <= from.ordinal) return null;
    if (ordinal <= to.ordinal) return from.tUs + ((to.tUs - from.tUs) * (ordinal - from.ordinal)) / (to.ordinal - from.ordinal);
  }
  return null;
}
