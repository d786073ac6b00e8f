import type { ChildProcess } from 'node:child_process';
import { basename } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { builtin } from './builtin.js';
import { onChannel } from './channels.js';
import { nowUs } from './clock.js';
import type { EarlySpawn } from './early-spawns.js';
import { listenFirst, listenOnce } from './listen.js';
import type { Owners } from './owners.js';
import type { Probe, Source } from './probe.js';
import { guarded, state } from './state.js';
import { createTag } from './tag.js';
import { beginWait, endWait, nextStage, siteOf, type Wait } from './waits.js';
import { type Fn, replace } from './wrap.js';

interface Spawned {
  kind: 'worker' | 'child';
  tUs: number;
  name: string;
  site: number;
  owner: number;
  /** A worker's thread is up; -1 not yet. */
  readyUs: number;
}

/** Calls posted to one worker and not answered yet, oldest first: a worker answers in order, as far as one can see from here. */
const posted = createTag<Wait[]>();
const MAX_POSTED = 1000;
const MAX_SPAWNS = 2000;

/** Worker threads and child processes: when and where they were begun, how long their answers took. */
export function recordThreads(probe: Probe, owners: Owners, early: readonly EarlySpawn[]): Source {
  let spawns = 0;
  const alive = new Map<object, Spawned>();

  const report = (spawned: Spawned, endUs: number) => {
    const { tUs, readyUs } = spawned;
    probe.link.message({ t: 'spawn', ...spawned, tUs: Math.round(tUs), endUs: Math.round(endUs), readyUs: Math.round(readyUs) });
  };
  const register = (handle: object, kind: Spawned['kind'], below: Fn): Spawned | null => {
    if (spawns++ >= MAX_SPAWNS) return null;
    return enter(handle, { kind, tUs: nowUs(), name: kind, site: siteOf(below), owner: owners.current().id, readyUs: -1 });
  };
  // Told at once, and again when it is over: a target without a core to run on may never get to the end of its recording.
  const enter = (handle: object, spawned: Spawned): Spawned => {
    alive.set(handle, spawned);
    report(spawned, -1);
    return spawned;
  };
  const gone = (handle: object) => {
    const spawned = alive.get(handle);
    alive.delete(handle);
    if (spawned) report(spawned, nowUs());
  };

  const workerCreated = ({ worker }: { worker: Worker }) => {
    if (state.startsOwnWorker) return;
    const spawned = register(worker, 'worker', workerCreated as Fn);
    const up = guarded(() => {
      if (spawned) spawned.readyUs = nowUs();
    });
    if (spawned) listenOnce(worker, 'online', up);
    // What it is given at birth (workerData) is answered by its first message, like what is posted to it later.
    const wait = beginWait('worker', 'new Worker', workerCreated as Fn);
    if (wait) enqueue(worker, wait);
    followWorker(worker);
  };
  const followWorker = (worker: Worker) => {
    const answered = guarded(() => {
      const wait = posted.get(worker)?.shift();
      if (wait) endWait(wait, false);
    });
    const stopHearing = listenFirst(worker, 'message', answered);
    listenOnce(
      worker,
      'exit',
      guarded(() => {
        stopHearing();
        for (const wait of posted.get(worker) ?? []) endWait(wait, false);
        gone(worker);
      }),
    );
  };
  for (const { kind, handle, atMs, frames } of early) {
    const tUs = nowUs() - (performance.now() - atMs) * 1000;
    enter(handle, { kind, tUs, name: kind, site: probe.names.site(frames), owner: 0, readyUs: -1 });
    if (kind === 'worker') followWorker(handle as Worker);
    else
      listenOnce(
        handle,
        'exit',
        guarded(() => gone(handle)),
      );
  }
  const childCreated = ({ process: child }: { process: ChildProcess }) => {
    const spawned = register(child, 'child', childCreated as Fn);
    const wait = beginWait('child', 'child_process', childCreated as Fn);
    listenOnce(
      child,
      'exit',
      guarded(() => {
        if (spawned) spawned.name = basename(child.spawnfile ?? '');
        if (wait) {
          endWait(wait, child.exitCode !== 0);
          // Whoever wants its output waits on until the pipes have run dry.
          const closing = nextStage(wait);
          listenOnce(child, 'close', () => endWait(closing, false));
        }
        gone(child);
      }),
    );
  };

  replace(builtin<typeof import('node:worker_threads')>('worker_threads').Worker.prototype, 'postMessage', wrapPost);
  const stops = [onChannel('worker_threads', workerCreated), onChannel('child_process', childCreated)];
  return {
    finish() {
      for (const [handle, spawned] of alive) {
        if (spawned.kind === 'child') spawned.name = basename((handle as ChildProcess).spawnfile ?? '');
        report(spawned, -1);
      }
      alive.clear();
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}

function wrapPost(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    if (!state.tracing) return Reflect.apply(original, this, args);
    const wait = beginWait('worker', 'worker.postMessage', wrapped);
    if (wait) enqueue(this as Worker, wait);
    return Reflect.apply(original, this, args);
  };
  return wrapped;
}

function enqueue(worker: Worker, wait: Wait): void {
  try {
    const queue = posted.get(worker);
    if (!queue) posted.set(worker, [wait]);
    else if (queue.length < MAX_POSTED) queue.push(wait);
  } catch {}
}
