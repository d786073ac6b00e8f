import { performance } from 'node:perf_hooks';

// Kept from before the target runs: fake timers in its tests may replace performance.now.
const { now } = performance;
const clock = performance;
let offsetUs = 0;

/** Sets the zero of `nowUs`. performance.now and process.hrtime read the same uv_hrtime, so one offset holds for good. */
export function startClock(originUs: number): void {
  const beforeMs = now.call(clock);
  const hrtimeUs = Number(process.hrtime.bigint()) / 1000;
  offsetUs = hrtimeUs - ((beforeMs + now.call(clock)) / 2) * 1000 - originUs;
}

/** Microseconds since the recording's origin, with a fraction. */
export function nowUs(): number {
  return now.call(clock) * 1000 + offsetUs;
}
