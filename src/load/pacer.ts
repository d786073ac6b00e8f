import { Worker } from 'node:worker_threads';

const RING = 8_192;
const TAKEN = 0;
const PUBLISHED = 1;
const PENDING = 2;
const STOPPED = 3;

/**
 * Sleeps until the next due time and posts a message. Timers of the event loop know whole milliseconds only (median lag 0.5 ms);
 * a futex with a timeout wakes within 0.1 ms. One message may stand for several due times: while one is pending no other is sent.
 */
const THREAD = `
'use strict';
const { parentPort, workerData: { control, dues } } = require('node:worker_threads');
const nowUs = () => { const t = process.hrtime(); return t[0] * 1e6 + t[1] / 1e3; };
let next = 0;
parentPort.postMessage('ready');
while (Atomics.load(control, ${STOPPED}) === 0) {
  next = Math.max(next, Atomics.load(control, ${TAKEN}));
  const published = Atomics.load(control, ${PUBLISHED});
  if (next >= published) { Atomics.wait(control, ${PUBLISHED}, published, 20); continue; }
  const waitMs = (dues[next % ${RING}] - nowUs()) / 1e3;
  if (waitMs > 0) { Atomics.wait(control, ${STOPPED}, 0, Math.min(waitMs, 20)); continue; }
  next++;
  if (Atomics.exchange(control, ${PENDING}, 1) === 0) parentPort.postMessage('due');
}
parentPort.close();
`;

/** Keeps a plan of due times and calls back when some have come. Owns a thread; `stop` ends it. */
export class Pacer {
  readonly #control = new Int32Array(new SharedArrayBuffer(16));
  readonly #dues = new Float64Array(new SharedArrayBuffer(RING * 8));
  readonly #thread: Worker;
  #plan: () => number = () => Number.POSITIVE_INFINITY;
  #fallback: NodeJS.Timeout | undefined;
  #taken = 0;
  #published = 0;
  /** Settles when the thread runs, also when it could not be started (then a timer takes its place). */
  readonly ready: Promise<void>;

  constructor(wake: () => void) {
    this.#thread = new Worker(THREAD, {
      eval: true,
      workerData: { control: this.#control, dues: this.#dues },
      execArgv: [],
      name: 'pacer',
    });
    this.ready = new Promise((resolve) => {
      this.#thread.on('message', () => {
        resolve();
        Atomics.store(this.#control, PENDING, 0);
        wake();
      });
      this.#thread.on('error', () => {
        this.#fallback ??= setInterval(wake, 1);
        resolve();
      });
    });
  }

  /** `next` gives due times (process.hrtime in microseconds) in ascending order, Infinity after the last. */
  begin(next: () => number): void {
    this.#plan = next;
    this.#publish();
  }

  /** The next due time that has come, or -1. */
  take(nowUs: number): number {
    if (this.#taken === this.#published) return -1;
    const dueUs = this.#dues[this.#taken % RING]!;
    if (dueUs > nowUs) return -1;
    this.#taken++;
    Atomics.store(this.#control, TAKEN, this.#taken);
    if (this.#published - this.#taken < RING / 4) this.#publish();
    return dueUs;
  }

  stop(): void {
    clearInterval(this.#fallback);
    Atomics.store(this.#control, STOPPED, 1);
    Atomics.notify(this.#control, STOPPED);
    void this.#thread.terminate();
  }

  /** Half the ring at most, so that the thread never reads a slot while it is written again. */
  #publish(): void {
    while (this.#published - this.#taken < RING / 2) {
      const dueUs = this.#plan();
      if (dueUs === Number.POSITIVE_INFINITY) break;
      this.#dues[this.#published % RING] = dueUs;
      this.#published++;
    }
    Atomics.store(this.#control, PUBLISHED, this.#published);
    Atomics.notify(this.#control, PUBLISHED);
  }
}
