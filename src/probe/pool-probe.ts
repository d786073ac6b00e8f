import { devNull } from 'node:os';
import { nowUs } from './clock.js';
import type { Probe, Source } from './probe.js';
import { guarded } from './state.js';

type Stat = (path: string, callback: () => void) => void;

const EVERY_MS = 100;

/**
 * How long a tiny task takes through libuv's pool. The answer is only seen when the loop gets to it, so a thread that was busy all the
 * while makes no statement about the pool: such a row tells the time that the loop did wait.
 */
export function recordPool(probe: Probe, stat: Stat, busyUs: () => number): Source {
  let inFlight = false;
  const timer = setInterval(
    guarded(() => {
      if (inFlight) return;
      inFlight = true;
      const startUs = nowUs();
      const startBusyUs = busyUs();
      stat(
        devNull,
        guarded(() => {
          inFlight = false;
          const endUs = nowUs();
          const busy = busyUs() - startBusyUs;
          const waited = endUs - startUs - busy;
          const row = probe.rows.poolProbe;
          const at = row.claim();
          row.values[at] = Math.round(startUs);
          row.values[at + 1] = Math.max(0, Math.round(busy > waited ? waited : endUs - startUs));
        }),
      );
    }),
    EVERY_MS,
  );
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
    },
  };
}
