import type { LoadRun } from '../load/load.js';
import type { SessionDocument } from '../model/recording.js';
import type { Watched } from './options.js';

export interface EndingOf {
  target: Watched;
  run: LoadRun | null;
  interrupt: AbortSignal;
  /** From now; null: until something else ends it. Without meaning where a load runs, which has its own. */
  withinMs: number | null;
  loadFailed(reason: string): void;
}

/** Setting a longer one makes Node fire it at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What ends the recording, whichever comes first. */
export async function ending({ target, run, interrupt, withinMs, loadFailed }: EndingOf): Promise<SessionDocument['end']> {
  const timers = new AbortController();
  const over = new Promise<SessionDocument['end']>((resolve) => {
    void target.exited.then(() => resolve('target-exit'));
    if (interrupt.aborted) resolve('interrupted');
    interrupt.addEventListener('abort', () => resolve('interrupted'), { once: true, signal: timers.signal });
    if (run) {
      run.done.then(
        () => resolve('duration'),
        (error: Error) => {
          loadFailed(error.message);
          resolve('interrupted');
        },
      );
    } else if (withinMs !== null) {
      const timer = setTimeout(() => resolve('duration'), Math.min(withinMs, LONGEST_TIMER_MS));
      timers.signal.addEventListener('abort', () => clearTimeout(timer));
    }
  });
  try {
    return await over;
  } finally {
    timers.abort();
  }
}
