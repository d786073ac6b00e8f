import { performance } from 'node:perf_hooks';

// Kept from before the target runs: fake timers in its tests may replace performance.now.
const { now } = performance;
const clock = performance;
let offsetUs = 0;

const MOST_TRIES = 50;
/** Three readings in a row take less, unless the thread loses its core between them. */
const UNDISTURBED_US = 5;

/**
 * Sets the zero of `nowUs`. performance.now and process.hrtime read the same uv_hrtime, so one offset holds for good: the one of the try
 * that was least disturbed, for where cores are scarce a thread may stand still for a long time between two readings.
 */
export function startClock(originUs: number): void {
  let leastUs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < MOST_TRIES && leastUs > UNDISTURBED_US; i++) {
    const beforeUs = now.call(clock) * 1000;
    const hrtimeUs = Number(process.hrtime.bigint()) / 1000;
    const tookUs = now.call(clock) * 1000 - beforeUs;
    if (tookUs >= leastUs) continue;
    leastUs = tookUs;
    offsetUs = hrtimeUs - beforeUs - tookUs / 2 - originUs;
  }
}

/** Microseconds since the recording's origin, with a fraction. */
export function nowUs(): number {
  return now.call(clock) * 1000 + offsetUs;
}
