import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { DdxError } from '../errors.js';
import { type LoadEvents, type LoadOptions, type LoadProgress, type LoadRun, type LoadSummary, STRAGGLER_MS } from './options.js';
import { compileRequests } from './request-bytes.js';

export type { LoadEvents, LoadOptions, LoadProgress, LoadRun, LoadSummary, RequestTemplate } from './options.js';
export { ERROR_KINDS, routesOf } from './options.js';

export type FromWorker =
  | { t: 'rows'; rows: Float64Array }
  | { t: 'progress'; progress: LoadProgress }
  | { t: 'done'; summary: LoadSummary };
export type ToWorker = 'stop';

/** From dist/cli.js, from dist/chunks/*.js, and from the sources. */
const WORKER_PLACES = ['./load-worker.js', '../load-worker.js', '../../dist/load-worker.js'];
/** Start of the thread, and a machine that is busy with the target. */
const SLACK_MS = 5_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Loads a server from a thread of its own. Rows come about every 250 ms and, all of them, before `done` resolves.
 * A server that cannot be reached gives error rows, no exception. Throws DDX_USAGE for requests that cannot be sent;
 * `done` rejects with DDX_INTERNAL when the thread breaks or does not end in time.
 */
export function startLoad(options: LoadOptions, on: LoadEvents): LoadRun {
  compileRequests(options.requests, options.host, options.port);
  const worker = new Worker(workerFile(), { workerData: options, execArgv: [], name: 'load' });
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
      if (message.t === 'rows') on.rows(message.rows);
      else if (message.t === 'progress') on.progress?.(message.progress);
      else resolve(message.summary);
    });
    worker.on('error', (error) => broken(`failed: ${error.message}`, error));
    worker.on('exit', () => broken('ended without a result'));
    endWithin(options.durationS * 1_000 + STRAGGLER_MS + SLACK_MS);
  }).finally(() => {
    ending = true;
    clearTimeout(deadline);
    void worker.terminate();
  });
  // The caller may look at it only at the end of the run.
  done.catch(() => {});
  return {
    done,
    stop: () => {
      if (ending) return done;
      ending = true;
      endWithin(STRAGGLER_MS + SLACK_MS);
      worker.postMessage('stop' satisfies ToWorker);
      return done;
    },
  };
}

function workerFile(): string {
  for (const place of WORKER_PLACES) {
    const file = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(file)) return file;
  }
  throw new DdxError('DDX_INTERNAL', 'The load generator is missing from this installation of ddx.', 'Install ddx again.');
}
