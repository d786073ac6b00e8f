import { performance } from 'node:perf_hooks';
import { readingSinceUs } from './charge.js';

/**
 * Since when the event loop has known of what it handles now: one poll (epoll_wait) returns everything that is readable, and callbacks run
 * one after the other until the next. So of two requests in one turn of the loop, the second lay there at least since the first was read.
 * That is a lower bound; how long both had waited for the poll, the kernel does not tell the process. Times in recording microseconds.
 */
export function createPollPhase(): { sinceUs(atUs: number): number } {
  const timing = performance.nodeTiming as { uvMetricsInfo?: { loopCount: number } };
  let loops = -1;
  let sinceUs = 0;
  return {
    /** Of what is handled at `atUs`, now. -1 where Node does not count the turns of its loop (before 20.18 and 22.8). */
    sinceUs(atUs) {
      const info = timing.uvMetricsInfo;
      if (info === undefined) return -1;
      if (info.loopCount !== loops) {
        loops = info.loopCount;
        sinceUs = Math.min(readingSinceUs, atUs);
      }
      return sinceUs;
    },
  };
}
