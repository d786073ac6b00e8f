import { AsyncLocalStorage, AsyncResource, createHook } from 'node:async_hooks';
import { builtin } from './builtin.js';
import { current, depth, enter, leave, NOBODY, type Owner, switchTo } from './charge.js';
import type { Owners } from './owners.js';

/**
 * Node 24 and newer: V8 carries the context from continuation to continuation (AsyncContextFrame), so following it costs little. Hooks are
 * needed only to hear when the thread changes hands: async_hooks for callbacks from the loop, V8's promise hook for continuations.
 */
export function ownersByFrame(): Owners {
  const storage = new AsyncLocalStorage<Owner>();
  let nested = false;
  const owner = (): Owner => {
    const stored = storage.getStore();
    return stored === undefined || stored.expired ? NOBODY : stored;
  };
  const hook = createHook({
    before() {
      // Microtasks run after a callback has left; who they belonged to is out of date once the next callback comes from the loop.
      enter(owner(), depth > 0 || nested ? current : NOBODY);
      nested = false;
    },
    after: leave,
    trackPromises: false,
  } as Parameters<typeof createHook>[0]);
  const { promiseHooks } = builtin<typeof import('node:v8')>('v8');
  let stopPromises: (() => void) | null = null;
  let restoreScope: (() => void) | null = null;

  return {
    current() {
      const now = owner();
      switchTo(now);
      return now;
    },
    begin(fresh) {
      switchTo(fresh);
      storage.enterWith(fresh as Owner);
    },
    runAs(owner, body) {
      if (storage.getStore() === owner) return body();
      const before = current;
      switchTo(owner);
      try {
        return storage.run(owner, body);
      } finally {
        switchTo(before);
      }
    },
    carriesBodies: false,
    start() {
      hook.enable();
      stopPromises = promiseHooks.onBefore(() => switchTo(owner())) as unknown as () => void;
      restoreScope = wrapScope(
        () => {
          nested = depth === 0;
        },
        () => switchTo(owner()),
      );
    },
    stop() {
      hook.disable();
      stopPromises?.();
      restoreScope?.();
      storage.disable();
    },
  };
}

/** AsyncResource emits `before` while the caller's frame is still in place; the true owner is known only inside. */
function wrapScope(entering: () => void, entered: () => void): () => void {
  const prototype = AsyncResource.prototype;
  const original = prototype.runInAsyncScope;
  let on = true;
  const wrapped = function runInAsyncScope(
    this: AsyncResource,
    fn: (...args: unknown[]) => unknown,
    thisArg?: unknown,
    ...args: unknown[]
  ) {
    if (!on || typeof fn !== 'function') return original.call(this, fn, thisArg, ...args);
    entering();
    const body = (...inner: unknown[]) => {
      entered();
      return Reflect.apply(fn, thisArg, inner);
    };
    return original.call(this, body, undefined, ...args);
  } as typeof original;
  Object.defineProperty(wrapped, 'length', { value: original.length });
  prototype.runInAsyncScope = wrapped;
  return () => {
    on = false;
    if (prototype.runInAsyncScope === wrapped) prototype.runInAsyncScope = original;
  };
}
