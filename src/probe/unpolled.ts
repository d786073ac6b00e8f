import { performance } from 'node:perf_hooks';
import { hookCalls, sampleBrackets } from './charge.js';
import type { Probe, Source } from './probe.js';
import { guarded } from './state.js';

/** RAIL and Chromium's long task: beyond 50 ms others notice. */
const WORTH_A_ROW_US = 50_000;
/** Of one callback alone the blocks tell. */
const FEWEST_CALLS = 10;

/**
 * Stretches in which the loop does not come round although callbacks end: what one ends with (process.nextTick, a promise that is settled
 * already) is run before the loop goes on, and may begin the next. libuv counts its rounds. Null where Node does not pass that count on.
 */
export function recordUnpolled(probe: Probe): Source | null {
  const timing = performance.nodeTiming as { uvMetricsInfo?: { loopCount: number } };
  if (timing.uvMetricsInfo === undefined) return null;
  let rounds = -1;
  let sinceUs = 0;
  let untilUs = 0;
  let callsBefore = 0;
  let calls = 0;
  let longestUs = 0;
  const end = () => {
    if (untilUs - sinceUs >= WORTH_A_ROW_US && calls - callsBefore >= FEWEST_CALLS) {
      const row = probe.rows.unpolled;
      const at = row.claim();
      row.values[at] = Math.round(sinceUs);
      row.values[at + 1] = Math.round(untilUs - sinceUs);
      row.values[at + 2] = calls - callsBefore;
      row.values[at + 3] = Math.round(longestUs);
    }
  };
  const stop = sampleBrackets(
    guarded((atUs: number, afterBreak: boolean) => {
      const now = timing.uvMetricsInfo!.loopCount;
      if (now !== rounds || afterBreak) {
        end();
        rounds = now;
        sinceUs = atUs;
        callsBefore = hookCalls();
        longestUs = 0;
      } else longestUs = Math.max(longestUs, atUs - untilUs);
      untilUs = atUs;
      calls = hookCalls();
    }),
  );
  return { finish: end, stop };
}
