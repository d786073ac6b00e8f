import { builtin } from './builtin.js';
import { nowUs } from './clock.js';
import type { Names } from './names.js';
import type { Probe, Source } from './probe.js';
import { captureFrames } from './stack.js';
import { guarded } from './state.js';
import { type Fn, replace } from './wrap.js';

interface Begun {
  /** The target's own timer: it may be let go of as if nobody looked. */
  ref: WeakRef<{ _destroyed?: boolean }>;
  site: number;
  tUs: number;
}

const MOST_KNOWN = 4000;
const CAPTURES_PER_FLUSH = 10;
const PARTS = 4;

let begun: Begun[] | null = null;
let names: Names | null = null;
let capturesLeft = 0;

export function wrapIntervals(): void {
  const wrap = (original: Fn): Fn => {
    const wrapped: Fn = function (...args) {
      const timer = Reflect.apply(original, this, args);
      if (begun) note(timer as object, wrapped);
      return timer;
    };
    return wrapped;
  };
  replace(builtin<object>('timers'), 'setInterval', wrap);
  replace(globalThis, 'setInterval', wrap);
}

/** Intervals that were begun since the window's mark and still run at the end, by call site. */
export function recordIntervals(probe: Probe): Source {
  let markedUs = -1;
  names = probe.names;
  return {
    mark() {
      begun = [];
      markedUs = nowUs();
      capturesLeft = CAPTURES_PER_FLUSH;
    },
    flush() {
      capturesLeft = CAPTURES_PER_FLUSH;
    },
    finish() {
      const lengthUs = Math.max(1, nowUs() - markedUs);
      const bySite = new Map<number, number[]>();
      for (const { ref, site, tUs } of begun ?? []) {
        if (ref.deref()?._destroyed !== false) continue;
        const parts = bySite.get(site) ?? new Array<number>(PARTS).fill(0);
        const part = Math.min(PARTS - 1, Math.floor((PARTS * (tUs - markedUs)) / lengthUs));
        parts[part] = parts[part]! + 1;
        bySite.set(site, parts);
      }
      const gained = [...bySite].map(([site, begun]) => ({ kind: 'interval' as const, site, begun }));
      if (gained.length > 0) probe.link.message({ t: 'lasting', gained });
    },
    stop() {
      begun = names = null;
    },
  };
}

const note = guarded((timer: object, below: Fn) => {
  if (!begun || !names) return;
  // Who begins many ends most of them; what is over need not be remembered.
  if (begun.length >= MOST_KNOWN) begun = begun.filter(({ ref }) => ref.deref()?._destroyed === false);
  if (begun.length >= MOST_KNOWN) return;
  const site = capturesLeft-- > 0 ? names.site(captureFrames(below)) : -1;
  begun.push({ ref: new WeakRef(timer), site, tUs: nowUs() });
});
