import { builtin } from './builtin.js';
import { state } from './state.js';
import { beginWait, endWait, isInternal, type Wait } from './waits.js';
import { endWhenSettled, type Fn, replace } from './wrap.js';

/** Sleeping: `setTimeout` of at least a millisecond, begun while a request runs. A cleared timer leaves no row. */
export function wrapTimers(runsForRequest: () => boolean): void {
  const timers = builtin<object>('timers');
  const callbackStyle = (original: Fn): Fn => {
    const wrapped: Fn = function (...args) {
      if (!state.tracing) return Reflect.apply(original, this, args);
      const callback = args[0];
      if (typeof callback === 'function' && sleeps(args[1]) && runsForRequest()) {
        const wait = beginSleep('setTimeout', wrapped, args[1]);
        if (wait) {
          args[0] = function (this: unknown, ...inner: unknown[]) {
            endWait(wait, false);
            return Reflect.apply(callback as Fn, this, inner);
          };
        }
      }
      return Reflect.apply(original, this, args);
    };
    return wrapped;
  };
  replace(timers, 'setTimeout', callbackStyle);
  replace(globalThis, 'setTimeout', callbackStyle);
  replace(builtin<object>('timers/promises'), 'setTimeout', (original) => {
    const wrapped: Fn = function (...args) {
      if (!state.tracing || !sleeps(args[0]) || !runsForRequest()) return Reflect.apply(original, this, args);
      const wait = beginSleep('timers/promises.setTimeout', wrapped, args[0]);
      const result = Reflect.apply(original, this, args);
      if (wait) endWhenSettled(result, wait);
      return result;
    };
    return wrapped;
  });
}

/** The time-outs that Node's own fetch sets are nobody's sleep. */
function beginSleep(dest: string, below: Fn, delayMs: unknown): Wait | null {
  const wait = beginWait('timer', dest, below);
  if (!wait || isInternal(wait.site)) return null;
  wait.dueUs = wait.startUs + Number(delayMs) * 1000;
  return wait;
}

function sleeps(delay: unknown): boolean {
  return Number(delay) >= 1;
}
