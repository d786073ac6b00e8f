import { setTimeout as delay } from 'node:timers/promises';

/** Judging may take this share of ddx's time: the target may have no core to spare. */
const MOST_SHARE = 0.1;
/** So that there is something to see soon. */
const FIRST_MS = 2_000;

export interface Looking {
  /** Rejects when a look throws. */
  readonly broken: Promise<never>;
  /** Waits for the look that is under way. */
  stop(): Promise<void>;
}

/**
 * Calls `look` again and again, first when `afterMs` and a moment more have passed. It returns how long it kept this thread busy,
 * milliseconds; where that is long, the next one comes later than `everyMs`.
 */
export function startLooking(afterMs: number, everyMs: number, look: () => Promise<number>): Looking {
  const over = new AbortController();
  const looks = (async () => {
    let nextMs = afterMs + Math.min(FIRST_MS, everyMs);
    while (!over.signal.aborted) {
      await delay(nextMs, undefined, { signal: over.signal }).catch(() => {});
      if (over.signal.aborted) return;
      const beganMs = performance.now();
      const busyMs = await look();
      nextMs = Math.max(everyMs - (performance.now() - beganMs), busyMs / MOST_SHARE);
    }
  })();
  return {
    broken: looks.then(() => new Promise<never>(() => {})),
    async stop() {
      over.abort();
      await looks;
    },
  };
}
