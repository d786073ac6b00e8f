import { performance } from 'node:perf_hooks';

/**
 * When what the event loop handles now became ready. One poll (epoll_wait) returns everything that is, and callbacks run one after the
 * other until the next poll: what is handled now had come by this turn's poll, and had not come by the one before. That bounds the moment
 * that the kernel does not tell. Module state, like charge.ts, which calls this several times per turn. Times in recording microseconds;
 * -1 where Node does not count the turns of its loop (before 20.18 and 22.8).
 */
export let notBeforeUs = -1;
/** This turn's poll was at this moment at the latest. */
export let polledUs = -1;
/** Polls noticed so far: between two of them others had no chance. */
export let pollsSeen = 0;

/** This turn's poll was at this moment at the earliest. */
let earliestUs = -1;
let loops = -1;
let lookedUs = -1;
const timing = performance.nodeTiming as { uvMetricsInfo?: { loopCount: number } };

/** Asking costs 0.13 us; bounds that are half a millisecond wider cost nothing. */
const LOOK_EVERY_US = 500;

/** The loop had nothing to do until some moment between `fromUs` and `toUs`: what it handles now came then. */
export function loopWoke(fromUs: number, toUs: number): void {
  const info = timing.uvMetricsInfo;
  if (info === undefined) return;
  loops = info.loopCount;
  notBeforeUs = earliestUs = fromUs;
  lookedUs = polledUs = toUs;
  pollsSeen++;
}

/** A callback of the loop begins at `atUs`; the one before ended at `gapUs`. */
export function callbackBegins(gapUs: number, atUs: number): void {
  if (atUs - lookedUs > LOOK_EVERY_US) look(gapUs, atUs);
}

/** Brings the bounds up to date, for what is handled at `atUs`, now. */
export function look(gapUs: number, atUs: number): void {
  const info = timing.uvMetricsInfo;
  if (info === undefined) return;
  if (info.loopCount !== loops) {
    // A turn in between that nobody looked at polled after that look.
    notBeforeUs = info.loopCount > loops + 1 ? lookedUs : earliestUs;
    earliestUs = lookedUs;
    polledUs = Math.min(gapUs, atUs);
    loops = info.loopCount;
    pollsSeen++;
  }
  lookedUs = atUs;
}
