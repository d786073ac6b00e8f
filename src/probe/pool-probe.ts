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
  let pending: { startUs: number; startBusyUs: number } | null = null;
  const tell = ({ startUs, startBusyUs }: NonNullable<typeof pending>) => {
    const tookUs = nowUs() - startUs;
    const busy = busyUs() - startBusyUs;
    const waited = tookUs - busy;
    const row = probe.rows.poolProbe;
    const at = row.claim();
    row.values[at] = Math.round(startUs);
    row.values[at + 1] = Math.max(0, Math.round(busy > waited ? waited : tookUs));
  };
  const timer = setInterval(
    guarded(() => {
      if (pending) return;
      const asked = { startUs: nowUs(), startBusyUs: busyUs() };
      pending = asked;
      stat(
        devNull,
        guarded(() => {
          pending = null;
          tell(asked);
        }),
      );
    }),
    EVERY_MS,
  );
  timer.unref();
  return {
    finish() {
      // A pool that is full enough never gets to it: what it has waited so far is the statement.
      if (pending) tell(pending);
    },
    stop() {
      clearInterval(timer);
    },
  };
}
