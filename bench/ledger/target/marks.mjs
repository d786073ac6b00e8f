// The truth: at every change of work the server notes the clock, the CPU time of its main thread and how long that thread has waited
// for a core. All handlers run on one thread, so consecutive marks cut its time into pieces that are known.
import { openSync, readSync, writeFileSync } from 'node:fs';

/** Columns: tUs, cpuUs, runqUs, request, mark, extra (route of `enter`, kind of `call`, the moment the answer was ready of `resume`). */
const WIDTH = 6;
const MOST_MARKS = 400_000;
const marks = new Float64Array(WIDTH * MOST_MARKS);
let used = 0;
let requests = 0;

export const ENTER = 0;
export const BURN = 1;
export const BURNT = 2;
export const COLLECT = 3;
export const COLLECTED = 4;
export const CALL = 5;
export const RESUME = 6;
export const LEAVE = 7;
/** The call has returned; from here on its request waits. */
export const CALLED = 8;

const schedstat = openSync('/proc/thread-self/schedstat');
const text = Buffer.alloc(64);

export function nowUs() {
  return Number(process.hrtime.bigint()) / 1000;
}

/** [CPU time, time waited for a core] of this thread, microseconds. */
export function threadTimes() {
  // Brings the running thread's counter up to date, which otherwise lags by a scheduler tick (kernel/sched/cputime.c).
  process.cpuUsage();
  const bytes = readSync(schedstat, text, 0, 64, 0);
  const [cpuNs, runqNs] = text.latin1Slice(0, bytes).split(' ');
  return [cpuNs / 1000, runqNs / 1000];
}

/** Clock and counters belong together: where the thread lost its core between reading the two, they are read again. */
const UNDISTURBED_US = 40;
const MOST_TRIES = 20;

export function mark(request, what, extra = 0) {
  if (used === marks.length) return;
  let beforeUs = nowUs();
  for (let i = 0; i < MOST_TRIES; i++) {
    const [cpuUs, runqUs] = threadTimes();
    const afterUs = nowUs();
    marks[used] = afterUs;
    marks[used + 1] = cpuUs;
    marks[used + 2] = runqUs;
    if (afterUs - beforeUs < UNDISTURBED_US) break;
    beforeUs = afterUs;
  }
  marks[used + 3] = request;
  marks[used + 4] = what;
  marks[used + 5] = extra;
  used += WIDTH;
}

export function nextRequest(route) {
  const request = ++requests;
  mark(request, ENTER, route);
  return request;
}

/** Closes the last piece of time. */
const END = 9;

process.on('SIGTERM', () => {
  mark(0, END);
  writeFileSync(process.env.TRUTH_FILE, new Uint8Array(marks.buffer, 0, used * 8));
  process.exit(0);
});
