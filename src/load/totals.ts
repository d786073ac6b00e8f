import type { LoadDelay, LoadFigures, LoadPoint } from '../model/load-result.js';
import { Histogram } from './histogram.js';
import { ERROR_KINDS } from './options.js';
import type { RouteTallyData, TallyData } from './tally.js';

interface Sums {
  answered: number;
  bytes: number;
  badStatus: number;
  failedChecks: number;
  readonly errors: Float64Array;
  readonly latency: Histogram;
}

/** An interval is kept open for the threads that are behind, then only its figures are. */
const OPEN_INTERVALS = 4;
/** More points than anybody looks at; beyond it the steps of the series are joined. */
const MOST_POINTS = 1_800;

/** Adds up the tallies of all threads; memory does not grow with requests, and with time only by a point per second. */
export class Totals {
  readonly all = newSums();
  readonly lag = new Histogram();
  readonly connectionWait = new Histogram();
  readonly statuses = new Map<number, number>();
  /** Index as the scenario's conditions. */
  readonly checks: { passed: number; failed: number }[] = [];
  #recent = newSums();
  readonly #routes: Sums[] = [];
  readonly #stepS: number;
  readonly #open = new Map<number, { due: number; sums: Sums }>();
  readonly #points: LoadPoint[] = [];

  constructor(stepS: number) {
    this.#stepS = stepS;
  }

  add(tally: TallyData): void {
    this.lag.add(tally.lag);
    this.connectionWait.add(tally.wait);
    for (const [status, count] of tally.statuses) this.statuses.set(status, (this.statuses.get(status) ?? 0) + count);
    for (const [check, passed, failed] of tally.checks) {
      const before = this.checks[check];
      this.checks[check] = { passed: (before?.passed ?? 0) + passed, failed: (before?.failed ?? 0) + failed };
    }
    const interval = this.#interval(tally.interval);
    interval.due += tally.due;
    for (const one of tally.routes) {
      this.#routes[one.route] ??= newSums();
      for (const sums of [this.all, this.#recent, interval.sums, this.#routes[one.route]!]) addTo(sums, one);
    }
  }

  /** What was new since this was last asked for: for a live line. */
  recent(durationS: number): LoadFigures {
    const figures = figuresOf(this.#recent, durationS);
    this.#recent = newSums();
    return figures;
  }

  figures(durationS: number): LoadFigures {
    return figuresOf(this.all, durationS);
  }

  routes(names: readonly string[], durationS: number): (LoadFigures & { route: string })[] {
    const found = this.#routes.flatMap((sums, route) => [{ route: names[route] ?? '?', ...figuresOf(sums, durationS) }]);
    return found.sort((a, b) => b.due - a.due || (a.route < b.route ? -1 : 1));
  }

  /** Complete only when all tallies are in. */
  series(): { stepS: number; points: LoadPoint[] } {
    for (const interval of [...this.#open.keys()].sort((a, b) => a - b)) this.#close(interval);
    return { stepS: this.#stepS, points: this.#points };
  }

  #interval(number: number): { due: number; sums: Sums } {
    let interval = this.#open.get(number);
    if (!interval) {
      interval = { due: 0, sums: newSums() };
      this.#open.set(number, interval);
      for (const old of [...this.#open.keys()]) if (old < number - OPEN_INTERVALS) this.#close(old);
    }
    return interval;
  }

  #close(number: number): void {
    const { due, sums } = this.#open.get(number)!;
    this.#open.delete(number);
    if (this.#points.length >= MOST_POINTS) return;
    this.#points.push({
      tS: number * this.#stepS,
      dueS: due / this.#stepS,
      answeredS: sums.answered / this.#stepS,
      failed: ended(sums) - sums.answered,
      p50Ms: ms(sums.latency.quantile(0.5)),
      p99Ms: ms(sums.latency.quantile(0.99)),
      p999Ms: ms(sums.latency.quantile(0.999)),
    });
  }
}

/** Seconds per point so that the series of a run of that length stays readable. */
export function stepFor(durationS: number): number {
  return Math.max(1, Math.ceil(durationS / (MOST_POINTS / 2)));
}

export function delayOf(histogram: Histogram): LoadDelay {
  return {
    p50Ms: ms(histogram.quantile(0.5)),
    p90Ms: ms(histogram.quantile(0.9)),
    p99Ms: ms(histogram.quantile(0.99)),
    maxMs: ms(histogram.maxUs),
  };
}

function newSums(): Sums {
  return { answered: 0, bytes: 0, badStatus: 0, failedChecks: 0, errors: new Float64Array(ERROR_KINDS.length), latency: new Histogram() };
}

function addTo(sums: Sums, one: RouteTallyData): void {
  sums.answered += one.done;
  sums.bytes += one.bytes;
  sums.badStatus += one.badStatus;
  sums.failedChecks += one.failedChecks;
  for (let kind = 0; kind < ERROR_KINDS.length; kind++) sums.errors[kind]! += one.errors[kind]!;
  sums.latency.add(one.latency);
}

/** Requests that came to an end, one way or the other. */
function ended(sums: Sums): number {
  return sums.answered + sums.errors.reduce((sum, count) => sum + count, 0);
}

function figuresOf(sums: Sums, durationS: number): LoadFigures {
  const { answered, bytes, latency } = sums;
  const errors: Record<string, number> = {};
  for (const [kind, name] of ERROR_KINDS.entries()) if (sums.errors[kind]! > 0) errors[name] = sums.errors[kind]!;
  if (sums.badStatus > 0) errors['status'] = sums.badStatus;
  if (sums.failedChecks > 0) errors['check'] = sums.failedChecks;
  return {
    due: ended(sums),
    answered,
    failed: Object.values(errors).reduce((sum, count) => sum + count, 0),
    errors,
    ratePerS: durationS > 0 ? answered / durationS : 0,
    bytes,
    meanMs: ms(latency.meanUs),
    p50Ms: ms(latency.quantile(0.5)),
    p90Ms: ms(latency.quantile(0.9)),
    p99Ms: ms(latency.quantile(0.99)),
    p999Ms: ms(latency.quantile(0.999)),
    maxMs: ms(latency.maxUs),
  };
}

function ms(us: number): number {
  return Math.round(us) / 1_000;
}
