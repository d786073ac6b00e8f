import { createHook, executionAsyncResource } from 'node:async_hooks';
import {
  countCall,
  current,
  enter,
  enterContinuation,
  enterMicrotask,
  isCharging,
  isExpired,
  leave,
  NOBODY,
  type Owner,
  switchTo,
} from './charge.js';
import type { Owners } from './owners.js';
import { createTag } from './tag.js';

/**
 * Node 18 to 22: async_hooks sees promises anyway (`trackPromises: false` is ignored there), so one hook does all: a new resource takes
 * over the owner at hand, a callback gives the thread to the owner of its resource. AsyncLocalStorage would install a second such hook.
 */
export function ownersByResource(): Owners {
  const tag = createTag<Owner>();
  const hook = createHook({
    init(_id, _type, _trigger, resource) {
      countCall();
      // A handle taken from a pool may still carry its last owner.
      if (current !== NOBODY || tag.get(resource) !== undefined) tag.set(resource, current);
    },
    before() {
      const resource = executionAsyncResource();
      const tagged = tag.get(resource);
      const owner = tagged === undefined || isExpired(tagged) ? NOBODY : tagged;
      if (owner.awaits !== null) owner.awaits.goOn(resource);
      if (resource instanceof Promise) {
        if (owner === current) enterContinuation(owner);
        else enterMicrotask(owner);
      } else if (Object.getPrototypeOf(resource) === Object.prototype) {
        // One of Node's ticks.
        enterContinuation(owner);
      } else enter(owner);
    },
    after: leave,
  });
  return {
    current: () => current,
    begin(fresh) {
      if (!isCharging()) return;
      switchTo(fresh);
      tag.set(executionAsyncResource(), fresh);
    },
    runAs(as, body) {
      const before = current;
      switchTo(as);
      try {
        return body();
      } finally {
        switchTo(before);
      }
    },
    carriesBodies: true,
    knowsAll: false,
    start: () => void hook.enable(),
    stop: () => void hook.disable(),
    end() {},
  };
}
