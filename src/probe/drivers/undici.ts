import { type ModulePatch, packageFile, prototypeOf } from '../modules.js';
import { state } from '../state.js';
import { createTag } from '../tag.js';
import { dispatching, normalOrigin } from '../wait-fetch.js';
import { beginWait, type Wait } from '../waits.js';
import { type Fn, replace } from '../wrap.js';

/** undici from npm publishes a request when a connection takes it: what it waited for in a pool before that only its dispatcher knows. */
export const undiciPatches: ModulePatch[] = [
  {
    file: packageFile('undici/lib/dispatcher/dispatcher-base'),
    apply(exports) {
      const prototype = prototypeOf(exports, 'DispatcherBase');
      if (prototype) replace(prototype, 'dispatch', wrapDispatch);
    },
  },
];

/** By the options of a request: an agent hands them to a pool, a pool keeps them until one of its clients is free. */
const calls = createTag<{ wait: Wait; taken: boolean }>();

function wrapDispatch(original: Fn): Fn {
  const wrapped: Fn = function (...args) {
    const call = state.tracing ? callOf(this as object, args[0], wrapped) : null;
    if (!call) return Reflect.apply(original, this, args);
    return dispatching(call, () => Reflect.apply(original, this, args));
  };
  return wrapped;
}

function callOf(dispatcher: object, options: unknown, below: Fn): { wait: Wait; taken: boolean } | null {
  if (typeof options !== 'object' || options === null) return null;
  try {
    const known = calls.get(options);
    if (known && !known.taken) return known;
    const wait = beginWait('http', normalOrigin((options as { origin?: string | URL }).origin ?? urlOf(dispatcher)), below);
    if (wait) wait.queued = true;
    const call = wait && { wait, taken: false };
    if (call) calls.set(options, call);
    return call;
  } catch {
    return null;
  }
}

/** A pool or client for one origin keeps it under a symbol. */
function urlOf(dispatcher: object): string | URL | undefined {
  const key = Object.getOwnPropertySymbols(dispatcher).find(({ description }) => description === 'url');
  return key && (dispatcher as Record<symbol, string | URL>)[key];
}
