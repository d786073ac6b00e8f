import { AsyncLocalStorage, AsyncResource, createHook } from 'node:async_hooks';
import { builtin } from './builtin.js';
import { current, enter, enterMicrotask, isExpired, leave, NOBODY, type Owner, switchTo } from './charge.js';
import type { Owners } from './owners.js';

/**
 * Node 24 and newer: V8 carries the context from continuation to continuation (AsyncContextFrame), so following it costs little. Hooks are
 * needed only to hear when the thread changes hands: async_hooks for callbacks from the loop, V8's promise hooks for continuations.
 */
export function ownersByFrame(): Owners {
  const storage = new AsyncLocalStorage<Owner>();
  const owner = (): Owner => {
    const stored = storage.getStore();
    return stored === undefined || isExpired(stored) ? NOBODY : stored;
  };
  const hook = createHook({ before: () => enter(owner()), after: leave, trackPromises: false } as Parameters<typeof createHook>[0]);
  const { promiseHooks } = builtin<typeof import('node:v8')>('v8');
  const scope = wrapScope(() => switchTo(owner()));
  let stops: (() => void)[] = [];

  return {
    current() {
      const now = owner();
      switchTo(now);
      return now;
    },
    begin(fresh) {
      switchTo(fresh);
      storage.enterWith(fresh);
    },
    runAs(as, body) {
      if (storage.getStore() === as) return body();
      const before = current;
      switchTo(as);
      try {
        return storage.run(as, body);
      } finally {
        switchTo(before);
      }
    },
    carriesBodies: false,
    // Contexts travel with or without hooks.
    knowsAll: true,
    start() {
      hook.enable();
      scope.on = true;
      stops = [
        promiseHooks.onBefore((promise) => continues(owner(), promise)) as unknown as () => void,
        promiseHooks.onAfter(leave) as unknown as () => void,
      ];
    },
    stop() {
      hook.disable();
      scope.on = false;
      for (const stop of stops) stop();
      stops = [];
    },
    end() {
      scope.restore();
      storage.disable();
    },
  };
}

function continues(owner: Owner, promise: object): void {
  if (owner.awaits !== null) owner.awaits.goOn(promise);
  enterMicrotask(owner);
}

/** AsyncResource emits `before` while the caller's frame is still in place; the true owner is known only inside. */
function wrapScope(entered: () => void): { on: boolean; restore(): void } {
  const prototype = AsyncResource.prototype;
  const original = prototype.runInAsyncScope;
  const scope = {
    on: false,
    restore() {
      if (prototype.runInAsyncScope === wrapped) prototype.runInAsyncScope = original;
    },
  };
  const wrapped = function runInAsyncScope(
    this: AsyncResource,
    fn: (...args: unknown[]) => unknown,
    thisArg?: unknown,
    ...args: unknown[]
  ) {
    if (!scope.on || typeof fn !== 'function') return original.call(this, fn, thisArg, ...args);
    const body = (...inner: unknown[]) => {
      entered();
      return Reflect.apply(fn, thisArg, inner);
    };
    return original.call(this, body, undefined, ...args);
  } as typeof original;
  Object.defineProperty(wrapped, 'length', { value: original.length });
  prototype.runInAsyncScope = wrapped;
  return scope;
}
