import { devNull } from 'node:os';
import { performance } from 'node:perf_hooks';
import { nowUs } from './clock.js';
import type { Probe, Source } from './probe.js';

type Stat = (path: string, callback: () => void) => void;

const EVERY_MS = 100;

/**
 * How long a tiny task takes through libuv's pool. The answer is only seen when the loop gets to it, so a thread that was busy all the
 * while makes no statement about the pool: such a row tells the time that the loop did wait.
 */
export function recordPool(probe: Probe, stat: Stat): Source {
  let inFlight = false;
  const timer = setInterval(() => {
    if (inFlight) return;
    inFlight = true;
    const startUs = nowUs();
    const start = performance.eventLoopUtilization();
    stat(devNull, () => {
      inFlight = false;
      const endUs = nowUs();
      const { idle, active } = performance.eventLoopUtilization(start);
      const row = probe.rows.poolProbe;
      const at = row.claim();
      row.values[at] = Math.round(startUs);
      row.values[at + 1] = Math.max(0, Math.round(active > idle ? idle * 1000 : endUs - startUs));
    });
  }, EVERY_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
    },
  };
}
