import type { ChildProcess } from 'node:child_process';
import type { Worker } from 'node:worker_threads';
import type { RawFrame } from '../model/wire.js';
import { onChannel } from './channels.js';
import { captureFrames } from './stack.js';
import { state } from './state.js';

/** A worker or child process begun before the process served anything: pools are made when modules load. */
export interface EarlySpawn {
  kind: 'worker' | 'child';
  handle: Worker | ChildProcess;
  /** performance.now() */
  atMs: number;
  frames: RawFrame[];
}

/** A pool larger than this tells no more. */
const MOST = 256;

/** Remembers them until `take` is called, which ends the watch. */
export function watchEarlySpawns(): { take(): EarlySpawn[] } {
  let seen: EarlySpawn[] = [];
  const remember = (kind: EarlySpawn['kind'], handle: EarlySpawn['handle'], below: (...args: never[]) => unknown) => {
    if (seen.length < MOST && !state.startsOwnWorker) seen.push({ kind, handle, atMs: performance.now(), frames: captureFrames(below) });
  };
  const onWorker = ({ worker }: { worker: Worker }): void => remember('worker', worker, onWorker);
  const onChild = ({ process: child }: { process: ChildProcess }): void => remember('child', child, onChild);
  const stops = [onChannel('worker_threads', onWorker), onChannel('child_process', onChild)];
  return {
    take() {
      for (const stop of stops) stop();
      const early = seen;
      seen = [];
      return early;
    },
  };
}
