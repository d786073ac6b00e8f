/** What `ddx load` found: the contract of its --json, and all that its other outputs read. Widen it additively. */
export interface LoadResult {
  schemaVersion: 1;
  kind: 'load';
  ddx: { version: string };
  /** Without user, password and query. */
  url: string;
  protocol: LoadProtocol;
  arrivals: LoadArrivals;
  /** The part that counts, after the warm-up. `endedBy`: whether it went to its end. */
  window: { durationS: number; warmupS: number; threads: number; endedBy: 'duration' | 'interrupted' };
  requests: LoadFigures;
  /** By falling count. */
  routes: (LoadFigures & { route: string })[];
  /** Answers by status, ascending. */
  statuses: { status: number; count: number }[];
  /** Latencies from the intended send time: [milliseconds (middle of a bucket), requests], ascending. */
  histogram: [ms: number, count: number][];
  generator: LoadGenerator;
  /** Per interval of `stepS` seconds, in order. */
  series: { stepS: number; points: LoadPoint[] };
  /** Conditions of scenario files and how often they held. */
  checks: { check: string; passed: number; failed: number }[];
  goals: { goal: string; value: number; unit: 'ms' | 'share' | 'per second'; met: boolean }[];
  knee: LoadKnee | null;
  /** What the reader must know to read the figures right. */
  notes: string[];
  verdict: 'fine' | 'failures' | 'goal-missed' | 'no-answer' | 'inconclusive';
  summary: string;
}

export type LoadProtocol = 'http/1.1' | 'http/2' | 'websocket';

export type LoadArrivals =
  | { kind: 'open'; ratePerS: number; rampToPerS: number | null; spacing: 'poisson' | 'uniform' }
  | { kind: 'trace'; ratePerS: number }
  | { kind: 'closed'; connections: number };

/**
 * Latencies count from the moment a request was due (closed loop: from when it was sent) to the end of its answer; those of requests
 * that were given up count as long as they waited. `errors`: no answer, a status of 400 or more (`status`), a failed check (`check`).
 */
export interface LoadFigures {
  /** Due in the window; each ended as `answered` or as an error other than `status` and `check`. */
  due: number;
  answered: number;
  failed: number;
  errors: Record<string, number>;
  /** Answers per second of the window. */
  ratePerS: number;
  bytes: number;
  meanMs: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  p999Ms: number;
  maxMs: number;
}

export interface LoadGenerator {
  /** Actual minus intended send time, without the wait for a free connection. Zero in a closed loop. */
  lag: LoadDelay;
  /** From then until a connection was free. */
  connectionWait: LoadDelay;
  connections: number;
  /** Requests had to wait because no further connection could be opened. */
  capReached: boolean;
  /** CPU of ddx itself during the window, in cores. */
  cpuCores: number;
  /** CPU of ddx per answer. */
  cpuUsPerAnswer: number;
  /** Of the busiest generating thread, 0..1. */
  busyShare: number;
  /** The figures say more about the generator than about the server. */
  limited: boolean;
}

export interface LoadDelay {
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  maxMs: number;
}

export interface LoadPoint {
  tS: number;
  /** Wanted and reached. */
  dueS: number;
  answeredS: number;
  failed: number;
  p50Ms: number;
  p99Ms: number;
  p999Ms: number;
}

export interface LoadKnee {
  /** The highest rate that met the goals; null when not even the lowest did. */
  ratePerS: number | null;
  /** The lowest rate that missed them; null when none did. */
  missedAtPerS: number | null;
  steps: { ratePerS: number; reachedPerS: number; p50Ms: number; p99Ms: number; failed: number; met: boolean; because: string }[];
}
