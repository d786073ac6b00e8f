import { monitorEventLoopDelay } from 'node:perf_hooks';
import { nowUs } from './clock.js';
import type { Probe, Source } from './probe.js';

const RESOLUTION_MS = 10;

/** Event-loop utilisation and delay, one row per flush. `busyUs` counts what the loop did not spend waiting. */
export function recordLoop(probe: Probe, busyUs: () => number): Source {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let lastBusyUs = busyUs();
  let lastUs = nowUs();
  let dueUs = -1;
  const overUs = (ns: number) => (Number.isFinite(ns) ? Math.max(0, Math.round(ns / 1000 - RESOLUTION_MS * 1000)) : 0);
  return {
    flush(tUs) {
      const nowBusyUs = busyUs();
      const activeUs = Math.min(nowBusyUs - lastBusyUs, tUs - lastUs);
      const row = probe.rows.loop;
      const at = row.claim();
      const { values } = row;
      const none = delay.count === 0;
      // The histogram learns of a block only when its own timer fires, maybe after this one; how late we are is a sample as well.
      const lateUs = dueUs > 0 ? Math.max(0, Math.round(tUs - dueUs)) : 0;
      values[at] = Math.round(tUs);
      values[at + 1] = Math.round(activeUs);
      values[at + 2] = Math.round(tUs - lastUs - activeUs);
      values[at + 3] = none ? -1 : overUs(delay.percentile(50));
      values[at + 4] = none ? -1 : overUs(delay.percentile(99));
      values[at + 5] = Math.max(none ? 0 : overUs(delay.max), lateUs);
      lastBusyUs = nowBusyUs;
      dueUs = tUs + (dueUs > 0 ? FLUSH_US : tUs - lastUs);
      lastUs = tUs;
      delay.reset();
    },
    stop() {
      delay.disable();
    },
  };
}

const FLUSH_US = 250_000;
