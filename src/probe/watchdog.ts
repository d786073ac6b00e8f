import type { Worker } from 'node:worker_threads';
import { builtin } from './builtin.js';
import { beatInto, current, runningSinceUs } from './charge.js';
import { nowUs } from './clock.js';
import type { Probe, Source } from './probe.js';
import type { RequestOwner } from './requests.js';
import { captureFrames } from './stack.js';
import { guarded, state } from './state.js';

/** On `process`, while the watchdog is up: what its thread has the main thread call. */
const LOOK = 'ddx.look';
/** A recording with more blocks than this is not about any one of them. */
const MOST_LOOKS = 1000;
const NOT_AGAIN_WITHIN_US = 200_000;
/** Of the shared numbers: 1 while a session is open. The first two are charge.ts's. */
const CONNECTED = 2;

/**
 * Catches blocks of the main thread while they last. A worker thread sees that a callback does not come to its end, and has V8 interrupt it
 * for one evaluation, which takes the stack: below a millisecond, with no debugger and no breakpoint, so that `debugger;` statements
 * mean what they did. Native code cannot be interrupted; its stack is taken as it returns.
 */
export function recordBlocks(probe: Probe, blockMs: number): Source {
  const inspector = builtin<typeof import('node:inspector')>('inspector');
  const { Worker } = builtin<typeof import('node:worker_threads')>('worker_threads');
  const shared = new SharedArrayBuffer(12);
  const key = Symbol.for(LOOK);
  let looks = 0;
  let lookedUs = Number.NEGATIVE_INFINITY;

  const look = guarded(() => {
    const endUs = nowUs();
    // Whoever has opened the inspector's port may be stepping through the code: then a block means nothing.
    if (looks >= MOST_LOOKS || endUs - lookedUs < NOT_AGAIN_WITHIN_US || inspector.url() !== undefined) return;
    const startUs = runningSinceUs();
    // It came to its end before it could be interrupted.
    if (endUs - startUs < (blockMs * 1000) / 2) return;
    looks++;
    lookedUs = endUs;
    const frames = captureFrames(look).filter(({ url }) => url !== '');
    const { url } = current as Partial<RequestOwner>;
    probe.link.message({
      t: 'block',
      startUs: Math.round(startUs),
      endUs: Math.round(endUs),
      owner: current.id,
      urlPath: url === undefined ? null : url.replace(/[?#].*/s, ''),
      frames,
    });
    for (const frame of frames) probe.names.urls.add(frame.url);
  });

  Object.defineProperty(process, key, { value: look, configurable: true });
  let worker: Worker;
  state.startsOwnWorker = true;
  try {
    worker = new Worker(`(${watch.toString()})(require)`, {
      eval: true,
      name: 'ddx watchdog',
      // The target's preloads are not for this thread.
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
      workerData: { shared, blockMs, expression: `process[Symbol.for(${JSON.stringify(LOOK)})]?.()` },
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    });
  } finally {
    state.startsOwnWorker = false;
  }
  worker.unref();
  worker.on('error', () => {});
  const beats = new Int32Array(shared);
  beatInto(beats);
  return {
    stop() {
      beatInto(null);
      awaitDisconnect(beats);
      Reflect.deleteProperty(process, key);
      void worker.terminate();
    },
  };
}

/** A process that ends while a session is open says on its stderr that it waits for a debugger. What the session asked is answered here meanwhile. */
function awaitDisconnect(beats: Int32Array): void {
  for (let turn = 0; turn < 15 && Atomics.load(beats, CONNECTED) === 1; turn++) Atomics.wait(beats, CONNECTED, 1, 2);
  // Its end is a message as well.
  for (let turn = 0; turn < 2; turn++) Atomics.wait(beats, CONNECTED, 0, 1);
}

/** Runs in the worker, from its source text: it may refer to nothing outside. */
function watch(load: NodeJS.Require): void {
  const { workerData } = load('node:worker_threads') as typeof import('node:worker_threads');
  const { Session } = load('node:inspector') as typeof import('node:inspector');
  const { shared, blockMs, expression } = workerData as { shared: SharedArrayBuffer; blockMs: number; expression: string };
  const beats = new Int32Array(shared);
  let beat = -1;
  let sinceMs = 0;
  let nextMs = 0;
  setInterval(
    () => {
      const nowMs = performance.now();
      if (beats[0] !== beat || beats[1] === 0) {
        beat = beats[0]!;
        sinceMs = nowMs;
        nextMs = nowMs + blockMs;
        return;
      }
      if (nowMs < nextMs) return;
      // A long block is looked at again, ever more seldom.
      nextMs = nowMs + Math.max(250, nowMs - sinceMs);
      // A session that stays would keep the process from ending.
      const session = new Session();
      beats[2] = 1;
      session.connectToMainThread();
      session.post('Runtime.evaluate', { expression, silent: true, returnByValue: true }, () => {
        session.disconnect();
        Atomics.store(beats, 2, 0);
        Atomics.notify(beats, 2);
      });
    },
    Math.max(5, blockMs / 5),
  );
}
