import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Histogram } from './histogram.js';

const values = fc.array(fc.oneof(fc.nat(300), fc.nat(100_000), fc.nat(2 ** 31 - 1)), { minLength: 1, maxLength: 400 });

function of(recorded: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of recorded) histogram.record(value);
  return histogram;
}

it('quantiles are within 0.4 % of the exact ones', () => {
  fc.assert(
    fc.property(values, fc.constantFrom(0, 0.5, 0.9, 0.99, 0.999, 1), (recorded, share) => {
      const sorted = [...recorded].sort((a, b) => a - b);
      const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
      expect(Math.abs(of(recorded).quantile(share) - exact)).toBeLessThanOrEqual(exact / 256 + 1e-9);
    }),
  );
});

it('merging is the same as recording everything in one', () => {
  fc.assert(
    fc.property(values, values, (some, others) => {
      const merged = of(some);
      merged.add(of(others).data());
      expect(merged.data()).toEqual(of([...some, ...others]).data());
    }),
  );
});

it('knows count, mean, extremes and how many are below a limit', () => {
  const histogram = of([10, 20, 30_000]);
  expect(histogram.count).toBe(3);
  expect(histogram.meanUs).toBe(10_010);
  expect(histogram.maxUs).toBe(30_000);
  expect(histogram.quantile(1)).toBe(30_000);
  expect(histogram.buckets().map(([, count]) => count)).toEqual([1, 1, 1]);
});

it('what is taken is gone', () => {
  const histogram = of([5]);
  const taken = histogram.take();
  histogram.record(7);
  expect(histogram.count).toBe(1);
  expect(taken).toMatchObject({ sumUs: 5, minUs: 5, maxUs: 5 });
  expect([histogram.quantile(0.5), new Histogram().quantile(0.5)]).toEqual([7, 0]);
});

it('negative and endless values stay within it', () => {
  const histogram = of([-5, Number.POSITIVE_INFINITY, 2 ** 40]);
  expect([histogram.quantile(0), histogram.maxUs, histogram.count]).toEqual([0, 2 ** 31 - 1, 3]);
});
