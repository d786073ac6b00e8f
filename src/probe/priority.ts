import type { RawFrame } from '../model/wire.js';
import { builtin } from './builtin.js';
import type { Probe, Source } from './probe.js';
import { captureFrames } from './stack.js';
import { guarded } from './state.js';
import { type Fn, replace } from './wrap.js';

/** Where the target last set its own priority; programs do that as they start, before anything is recorded. */
let setAt: RawFrame[] | null = null;

export function wrapPriority(): void {
  replace(builtin<object>('os'), 'setPriority', (original) => {
    const wrapped: Fn = function (...args) {
      const result = Reflect.apply(original, this, args);
      note(args, wrapped);
      return result;
    };
    return wrapped;
  });
}

const note = guarded((args: readonly unknown[], below: Fn) => {
  // One argument is the priority, two are the process and its priority.
  const pid = args.length > 1 && args[1] !== undefined ? args[0] : 0;
  if (pid === 0 || pid === process.pid) setAt = captureFrames(below);
});

export function recordPriority(probe: Probe): Source {
  return {
    finish() {
      const site = setAt ? probe.names.site(setAt) : -1;
      if (site >= 0) probe.link.message({ t: 'priority', site });
    },
    stop() {},
  };
}
