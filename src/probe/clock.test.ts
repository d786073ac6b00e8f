import { afterEach, expect, it, vi } from 'vitest';
import { nowUs, startClock } from './clock.js';

afterEach(() => vi.restoreAllMocks());

const hrtimeUs = () => Number(process.hrtime.bigint()) / 1000;

it('a thread that loses its core while the clocks are compared does not shift them', () => {
  const { bigint } = process.hrtime;
  let calls = 0;
  vi.spyOn(process.hrtime, 'bigint').mockImplementation(() => {
    const read = bigint.call(process.hrtime);
    const until = performance.now() + (calls++ < 3 ? 8 : 0);
    while (performance.now() < until);
    return read;
  });
  startClock(1_000_000);
  vi.restoreAllMocks();
  expect(calls).toBeGreaterThan(3);
  const between = [hrtimeUs(), nowUs() + 1_000_000, hrtimeUs()];
  expect(between[1]).toBeGreaterThan(between[0]! - 1000);
  expect(between[1]).toBeLessThan(between[2]! + 1000);
});
