import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { DdxError } from '../errors.js';
import { STREAMS } from '../model/recording.js';
import { type LoadEvents, type LoadOptions, type LoadProgress, type LoadRun, type LoadSummary, STRAGGLER_MS } from './options.js';
import { compileRequests } from './request-bytes.js';
import type { TallyData } from './tally.js';
import { joinSummaries, routeNumbers, splitLoad } from './threads.js';

export type { Arrivals, LoadEvents, LoadOptions, LoadProgress, LoadRun, LoadSummary, RequestTemplate } from './options.js';
export { ERROR_KINDS, routesOf } from './options.js';

export interface WorkerData {
  options: LoadOptions;
  wants: { rows: boolean; tally: boolean };
}
export type FromWorker =
  | { t: 'rows'; rows: Float64Array }
  | { t: 'tally'; tally: TallyData }
  | { t: 'progress'; progress: LoadProgress }
  | { t: 'phase'; phase: 'window' | 'draining' }
  | { t: 'done'; summary: LoadSummary };
export type ToWorker = 'stop';

/** From dist/cli.js, from dist/chunks/*.js, and from the sources. */
const WORKER_PLACES = ['./load-worker.js', '../load-worker.js', '../../dist/load-worker.js'];
/** Start of the thread, and a machine that is busy with the target. */
const SLACK_MS = 5_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const WIDTH = STREAMS.client.length;
const ROUTE = STREAMS.client.indexOf('route');

/**
 * Loads a server from threads of its own, one unless told otherwise. Rows come about every 250 ms, tallies every second, and all of
 * them before `done` resolves. A server that cannot be reached gives errors, no exception. Throws DDX_USAGE for requests that cannot
 * be sent; `done` rejects with DDX_INTERNAL when a thread breaks or does not end in time.
 */
export function startLoad(options: LoadOptions, on: LoadEvents, threads = 1): LoadRun {
  compileRequests(options.requests, options);
  const shares = splitLoad(options, threads);
  const progress = sumProgress(shares.length, on);
  const runs = shares.map((share, i) => startThread(share, renumbered(options, share, { ...on, progress: (seen) => progress(i, seen) })));
  // One that breaks ends all, rather than leaving a part of the load behind.
  const stop = (): Promise<unknown> => Promise.allSettled(runs.map((run) => run.stop()));
  const done = Promise.all(runs.map((run) => run.done)).then(joinSummaries, (error: unknown) => stop().then(() => Promise.reject(error)));
  // The caller may look at it only at the end of the run.
  done.catch(() => {});
  return { done, stop: () => stop().then(() => done) };
}

function startThread(options: LoadOptions, on: LoadEvents): LoadRun {
  const workerData: WorkerData = { options, wants: { rows: on.rows !== undefined, tally: on.tally !== undefined } };
  const worker = new Worker(workerFile(), { workerData, execArgv: [], name: 'load' });
  const endingMs = (options.graceMs ?? STRAGGLER_MS) + SLACK_MS;
  let deadline: NodeJS.Timeout | undefined;
  let ending = false;
  let endWithin = (_ms: number): void => {};
  const done = new Promise<LoadSummary>((resolve, reject) => {
    const broken = (why: string, cause?: unknown) =>
      reject(new DdxError('DDX_INTERNAL', `The load generator ${why}.`, 'Please report this with the command you ran.', { cause }));
    endWithin = (ms) => {
      clearTimeout(deadline);
      deadline = setTimeout(() => broken('did not end in time'), Math.min(ms, LONGEST_TIMER_MS));
    };
    worker.on('message', (message: FromWorker) => {
      if (message.t === 'rows') on.rows?.(message.rows);
      else if (message.t === 'tally') on.tally?.(message.tally);
      else if (message.t === 'phase') on.phase?.(message.phase);
      else if (message.t === 'progress') on.progress?.(message.progress);
      else resolve(message.summary);
    });
    worker.on('error', (error) => broken(`failed: ${error.message}`, error));
    worker.on('exit', () => broken('ended without a result'));
    endWithin(options.durationS * 1_000 + endingMs);
  }).finally(() => {
    ending = true;
    clearTimeout(deadline);
    void worker.terminate();
  });
  done.catch(() => {});
  return {
    done,
    stop: () => {
      if (ending) return done;
      ending = true;
      endWithin(endingMs);
      worker.postMessage('stop' satisfies ToWorker);
      return done;
    },
  };
}

/** A thread counts routes as its share has them; the caller gets the numbers of the whole. */
function renumbered(options: LoadOptions, share: LoadOptions, on: LoadEvents): LoadEvents {
  const { rows, tally } = on;
  if (share.requests === options.requests) return on;
  const numbers = routeNumbers(options, share);
  return {
    ...on,
    ...(rows && {
      rows: (batch) => {
        for (let at = ROUTE; at < batch.length; at += WIDTH) batch[at] = numbers[batch[at]!]!;
        rows(batch);
      },
    }),
    ...(tally && { tally: (data) => tally({ ...data, routes: data.routes.map((one) => ({ ...one, route: numbers[one.route]! })) }) }),
  };
}

/** Counts add up; of percentiles the worst thread's is told. */
function sumProgress(threads: number, on: LoadEvents): (thread: number, progress: LoadProgress) => void {
  const latest: LoadProgress[] = [];
  return (thread, progress) => {
    latest[thread] = progress;
    if (thread !== threads - 1 && threads > 1) return;
    on.progress?.(
      latest.reduce((sum, one) => ({
        sent: sum.sent + one.sent,
        done: sum.done + one.done,
        errors: sum.errors + one.errors,
        p50Ms: Math.max(sum.p50Ms, one.p50Ms),
        p99Ms: Math.max(sum.p99Ms, one.p99Ms),
        inFlight: sum.inFlight + one.inFlight,
      })),
    );
  };
}

function workerFile(): string {
  for (const place of WORKER_PLACES) {
    const file = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(file)) return file;
  }
  throw new DdxError('DDX_INTERNAL', 'The load generator is missing from this installation of ddx.', 'Install ddx again.');
}
