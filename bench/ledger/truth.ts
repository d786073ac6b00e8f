import { readFileSync } from 'node:fs';
import { ROUTES, type RouteName, WAITS } from './routes.js';

/** As target/marks.mjs. */
const WIDTH = 6;
/** The marks themselves take some microseconds. */
const NO_IDLE_US = 50;
const [ENTER, BURN, BURNT, COLLECT, COLLECTED, CALL, RESUME, LEAVE, CALLED, END] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** What one request really did. Microseconds on the recording's clock. */
export interface Truth {
  request: number;
  route: RouteName;
  enterUs: number;
  leaveUs: number;
  /** CPU time of its own marked work, and of beginning its calls. */
  ownUs: number;
  /** Unmarked work just before or after its marks: its own, the framework's for it, or its neighbours' in time. */
  perhapsOwnUs: number;
  gcUs: number;
  /** Its thread was ready to run it, or ran it, and had no core. */
  offCoreUs: number;
  /** The same, where a piece of time that was partly idle does not tell when. */
  perhapsOffCoreUs: number;
  /** Marked work of other requests that it stood behind. */
  otherUs: number;
  /** Held up by work that nobody marked: the frameworks', Node's, and the marks themselves. */
  unmarkedUs: number;
  /** The thread idled although it could have gone on: its wake-up was late, or the answer under way. Part of the wait, for all one can tell. */
  lateUs: number;
  /** Of a slow reader: from the end of the handler until it read on, and until it had read all. */
  readerUs?: readonly [low: number, high: number];
  /** By name of WAITS: from the call until the other side was done. */
  waits: Record<string, number>;
  /** Stretches in which it could have gone on, but for who held the thread. */
  ready: Held[];
}

interface Held {
  fromUs: number;
  toUs: number;
}

interface Interval {
  fromUs: number;
  toUs: number;
  runqUs: number;
  cpuUs: number;
  /** Whose marks it lies between. */
  between: readonly [number, number];
  kind: 'own' | 'gc' | 'unmarked';
}

export interface Timeline {
  intervals: Interval[];
  requests: Truth[];
}

export function readTruth(file: string, originUs: number): Timeline {
  const bytes = readFileSync(file);
  const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const intervals: Interval[] = [];
  const byRequest = new Map<number, Truth>();
  const called = new Map<number, { kind: string; atUs: number }>();
  const lastMark = new Map<number, number>();
  for (let at = 0; at < values.length; at += WIDTH) {
    const [tUs, cpuUs, runqUs, request, what, extra] = [...values.subarray(at, at + WIDTH)] as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const atUs = tUs - originUs;
    if (at > 0) {
      const before = values.subarray(at - WIDTH, at);
      const kind =
        (what === BURNT && before[4] === BURN) || (what === CALLED && before[4] === CALL)
          ? 'own'
          : what === COLLECTED && before[4] === COLLECT
            ? 'gc'
            : 'unmarked';
      intervals.push({
        fromUs: before[0]! - originUs,
        toUs: atUs,
        cpuUs: cpuUs - before[1]!,
        runqUs: runqUs - before[2]!,
        between: [before[3]!, request],
        kind,
      });
    }
    if (what === END) continue;
    if (what === ENTER) {
      byRequest.set(request, {
        ...{ request, route: ROUTES[extra]!, enterUs: atUs, leaveUs: -1 },
        ...{
          ownUs: 0,
          perhapsOwnUs: 0,
          gcUs: 0,
          offCoreUs: 0,
          perhapsOffCoreUs: 0,
          otherUs: 0,
          unmarkedUs: 0,
          lateUs: 0,
          waits: {},
          ready: [],
        },
      });
      lastMark.set(request, atUs);
      continue;
    }
    const truth = byRequest.get(request)!;
    const last = intervals.at(-1)!;
    if (what !== RESUME && what !== BURNT && what !== COLLECTED && what !== CALLED)
      truth.ready.push({ fromUs: lastMark.get(request)!, toUs: atUs });
    lastMark.set(request, atUs);
    if (what === BURNT || what === COLLECTED || what === CALLED) {
      const wallUs = last.toUs - last.fromUs - last.runqUs;
      if (what === COLLECTED) truth.gcUs += wallUs;
      else truth.ownUs += wallUs;
      truth.offCoreUs += last.runqUs;
      if (what === CALLED) called.get(request)!.atUs = atUs;
    } else if (what === CALL) called.set(request, { kind: WAITS[extra]!.name, atUs });
    else if (what === RESUME) {
      const call = called.get(request)!;
      const readyUs = Math.max(call.atUs, Math.min(atUs, extra - originUs));
      truth.waits[call.kind] = (truth.waits[call.kind] ?? 0) + readyUs - call.atUs;
      truth.ready.push({ fromUs: readyUs, toUs: atUs });
    } else if (what === LEAVE) truth.leaveUs = atUs;
  }
  return { intervals, requests: [...byRequest.values()].filter(({ leaveUs }) => leaveUs >= 0) };
}

/** Adds who held the thread in [fromUs, toUs] while `truth` could have gone on. */
export function addHeld(truth: Truth, { intervals }: Timeline, fromUs: number, toUs: number): void {
  for (let i = firstAfter(intervals, fromUs); i < intervals.length && intervals[i]!.fromUs < toUs; i++) {
    const interval = intervals[i]!;
    const wallUs = interval.toUs - interval.fromUs;
    const overlapUs = Math.min(toUs, interval.toUs) - Math.max(fromUs, interval.fromUs);
    if (overlapUs <= 0 || wallUs <= 0) continue;
    const share = overlapUs / wallUs;
    if (interval.kind === 'unmarked') {
      // What is idle in it lies somewhere; at most all of the work fell into the overlap.
      const idleUs = wallUs - interval.cpuUs - interval.runqUs;
      if (idleUs < NO_IDLE_US) truth.offCoreUs += interval.runqUs * share;
      else truth.perhapsOffCoreUs += Math.min(interval.runqUs, overlapUs);
      truth.unmarkedUs += Math.min(interval.cpuUs, overlapUs);
      truth.lateUs += Math.max(0, Math.min(idleUs, overlapUs - interval.cpuUs - interval.runqUs));
      if (interval.between.includes(truth.request)) truth.perhapsOwnUs += Math.min(interval.cpuUs, overlapUs);
      continue;
    }
    truth.offCoreUs += interval.runqUs * share;
    const heldUs = (wallUs - interval.runqUs) * share;
    if (interval.kind === 'gc') truth.gcUs += heldUs;
    else truth.otherUs += heldUs;
  }
}

function firstAfter(intervals: readonly Interval[], us: number): number {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (intervals[mid]!.toUs <= us) low = mid + 1;
    else high = mid;
  }
  return low;
}
