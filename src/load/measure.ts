import { type LoadOptions, type LoadRun, type LoadSummary, startLoad } from './load.js';
import { splitLoad } from './threads.js';
import { stepFor, Totals } from './totals.js';

/** A load that ran to its end, or was stopped. */
export interface Measured {
  summary: LoadSummary;
  totals: Totals;
  /** Of the window: as long as it really was. */
  durationS: number;
  /** CPU of this whole process during the window. */
  cpuUs: number;
}

/** One load, its tallies added up, with what it cost this process. */
export class LoadMeasure {
  readonly totals: Totals;
  readonly stepS: number;
  readonly done: Promise<Measured>;
  onWindow: () => void = () => {};
  /** New tallies of all threads are in. */
  onInterval: () => void = () => {};
  /** Since the window began. */
  elapsedS = 0;
  /** In the last interval. */
  wantedPerS = 0;
  readonly #run: LoadRun;
  #cpuBefore: NodeJS.CpuUsage | null = null;
  #cpuUs = 0;
  #windowStartMs = 0;
  #windowEndMs = 0;
  #stopped = false;

  /** `durationS`: of the window, without the warm-up. Throws DDX_USAGE for requests that cannot be sent. */
  constructor(options: Omit<LoadOptions, 'originUs'>, threads: number) {
    const { durationS, warmupS = 0 } = options;
    this.stepS = stepFor(durationS);
    this.totals = new Totals(this.stepS);
    const time = process.hrtime();
    const originUs = time[0] * 1e6 + Math.floor(time[1] / 1e3);
    const parts = splitLoad({ ...options, originUs }, threads).length;
    let threadsIn = 0;
    let due = 0;
    this.#run = startLoad(
      { ...options, durationS: warmupS + durationS, tallyMs: this.stepS * 1_000, originUs },
      {
        phase: (phase) => (phase === 'window' ? this.#begin() : this.#end()),
        tally: (tally) => {
          this.totals.add(tally);
          due += tally.due;
          if (++threadsIn < parts) return;
          this.elapsedS = (tally.interval + 1) * this.stepS;
          this.wantedPerS = due / this.stepS;
          threadsIn = 0;
          due = 0;
          this.onInterval();
        },
      },
      threads,
    );
    this.done = this.#run.done.then((summary) => {
      this.#end();
      const { totals } = this;
      const seenS = Math.max(0, this.#windowEndMs - this.#windowStartMs) / 1_000;
      // The thread knows the end of its plan to the microsecond; messages about it come a little later.
      return { summary, totals, cpuUs: this.#cpuUs, durationS: this.#stopped ? Math.min(seenS, durationS) : durationS };
    });
    this.done.catch(() => {});
  }

  stop(): void {
    this.#stopped = true;
    void this.#run.stop().catch(() => {});
  }

  #begin(): void {
    if (this.#cpuBefore) return;
    this.#cpuBefore = process.cpuUsage();
    this.#windowStartMs = performance.now();
    this.onWindow();
  }

  #end(): void {
    if (!this.#cpuBefore || this.#windowEndMs > 0) return;
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    this.#cpuUs = user + system;
    this.#windowEndMs = performance.now();
  }
}
