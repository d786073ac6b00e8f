import { bound, endWait, restartWait, type Wait } from '../waits.js';
import { endWhenSettled, type Fn } from '../wrap.js';

/** The callback of a call: ends the wait first, then runs for whoever made the call. */
export function ending(wait: Wait | null, callback: Fn): Fn {
  return bound(function (...results) {
    if (wait) endWait(wait, results[0] instanceof Error);
    return Reflect.apply(callback, this, results);
  });
}

/** Makes a call whose last argument is a callback, or which returns a promise; either ends the wait. */
export function callUntilAnswered(original: Fn, self: unknown, args: unknown[], wait: Wait | null): unknown {
  const last = args.length - 1;
  const callback = args[last];
  if (typeof callback === 'function') {
    args[last] = ending(wait, callback as Fn);
    return Reflect.apply(original, self, args);
  }
  return callUntilSettled(original, self, args, wait);
}

/** Makes a call that returns a promise, whatever its arguments. */
export function callUntilSettled(original: Fn, self: unknown, args: unknown[], wait: Wait | null): unknown {
  const result = Reflect.apply(original, self, args);
  if (wait) endWhenSettled(result, wait);
  return result;
}

/** A statement that must first wait until its connection has done others. */
export interface Queued {
  readonly free: Wait | null;
  readonly answer: Wait | null;
}

/** It stands behind others. */
export function queue(queued: Queued): Queued {
  if (queued.free && queued.answer) queued.answer.queued = true;
  return queued;
}

/** Its turn has come. */
export function sent({ free, answer }: Queued): void {
  if (free) endWait(free, false);
  if (answer) restartWait(answer);
}
