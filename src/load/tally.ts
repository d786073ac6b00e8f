import { Histogram, type HistogramData } from './histogram.js';
import { ERROR_KINDS, type ErrorKind } from './options.js';

/** One route in one interval, as it goes from thread to thread. */
export interface RouteTallyData {
  route: number;
  done: number;
  bytes: number;
  /** Answers with a status of 400 or more. */
  badStatus: number;
  /** Answers that were not as a scenario expects. */
  failedChecks: number;
  /** Index as ERROR_KINDS. */
  errors: Uint32Array;
  latency: HistogramData;
}

/** What happened in one interval; of several threads they add up exactly. */
export interface TallyData {
  /** Which interval of the window, from 0. */
  interval: number;
  /** Requests that fell due. */
  due: number;
  routes: RouteTallyData[];
  statuses: [status: number, count: number][];
  /** Conditions of a scenario: how often each held and did not. */
  checks: [check: number, passed: number, failed: number][];
  /** Actual minus intended send time. */
  lag: HistogramData;
  /** From then until there was a free connection. */
  wait: HistogramData;
}

class RouteTally {
  done = 0;
  bytes = 0;
  badStatus = 0;
  failedChecks = 0;
  readonly errors = new Uint32Array(ERROR_KINDS.length);
  readonly latency = new Histogram();
}

/** Counts what happens in one thread, interval by interval. A request belongs to the interval in which it ended. */
export class Tally {
  readonly #lag = new Histogram();
  readonly #wait = new Histogram();
  readonly #statuses = new Map<number, number>();
  readonly #checks = new Map<number, { passed: number; failed: number }>();
  #routes: RouteTally[] = [];
  #due = 0;
  #lastStatus = 0;
  #lastStatusCount = 0;

  due(lagUs: number): void {
    this.#due++;
    this.#lag.record(lagUs);
  }

  sent(waitUs: number): void {
    this.#wait.record(waitUs);
  }

  /** `isBad`: an error although it was answered. */
  answered(route: number, latencyUs: number, status: number, bytes: number, isBad: boolean): void {
    const tally = this.#route(route);
    tally.done++;
    tally.bytes += bytes;
    if (isBad) {
      if (status >= 400) tally.badStatus++;
      else tally.failedChecks++;
    }
    tally.latency.record(latencyUs);
    if (status !== this.#lastStatus) this.#switchStatus(status);
    this.#lastStatusCount++;
  }

  check(check: number, passed: boolean): void {
    const counts = this.#checks.get(check) ?? { passed: 0, failed: 0 };
    if (passed) counts.passed++;
    else counts.failed++;
    this.#checks.set(check, counts);
  }

  /** A request that was given up waited at least that long: leaving it out would make the percentiles better than the server is. */
  failed(route: number, latencyUs: number, kind: ErrorKind): void {
    const tally = this.#route(route);
    tally.errors[ERROR_KINDS.indexOf(kind)]!++;
    if (kind === 'timeout') tally.latency.record(latencyUs);
  }

  /** The interval until now; counts begin anew. */
  take(interval: number): TallyData {
    this.#switchStatus(0);
    const data: TallyData = {
      interval,
      due: this.#due,
      // Passes over the holes: routes that nothing happened on.
      routes: this.#routes.flatMap(({ done, bytes, badStatus, failedChecks, errors, latency }, route) => [
        { route, done, bytes, badStatus, failedChecks, errors, latency: latency.data() },
      ]),
      statuses: [...this.#statuses],
      checks: [...this.#checks].map(([check, { passed, failed }]) => [check, passed, failed]),
      lag: this.#lag.take(),
      wait: this.#wait.take(),
    };
    this.#routes = [];
    this.#statuses.clear();
    this.#checks.clear();
    this.#due = 0;
    return data;
  }

  #route(route: number): RouteTally {
    let tally = this.#routes[route];
    if (!tally) {
      tally = new RouteTally();
      this.#routes[route] = tally;
    }
    return tally;
  }

  /** Nearly all answers have the status of the one before: the map is touched only when it changes. */
  #switchStatus(status: number): void {
    if (this.#lastStatusCount > 0)
      this.#statuses.set(this.#lastStatus, (this.#statuses.get(this.#lastStatus) ?? 0) + this.#lastStatusCount);
    this.#lastStatus = status;
    this.#lastStatusCount = 0;
  }
}
