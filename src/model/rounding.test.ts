import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalsFor, roundToSum } from './rounding.js';

const amount = fc.double({ min: 0, max: 1e7, noNaN: true });

test('rounded parts add up to the rounded total', () => {
  fc.assert(
    fc.property(fc.array(amount, { minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 3 }), (parts, decimals) => {
      const total = parts.reduce((a, b) => a + b, 0);
      const rounded = roundToSum(parts, total, decimals);
      fc.pre(total > 1e-9);
      expect(rounded.parts.reduce((a, b) => a + b, 0)).toBe(rounded.total);
      expect(rounded.total).toBe(Math.round(total * 10 ** decimals));
      // No part is moved by more than one unit of the last place.
      for (const [i, part] of parts.entries()) expect(Math.abs(rounded.parts[i]! - part * 10 ** decimals)).toBeLessThanOrEqual(1 + 1e-6);
    }),
  );
});

test('parts that miss the total are scaled to it; what is no amount counts as none', () => {
  expect(roundToSum([1, 1], 10, 0)).toEqual({ parts: [5, 5], total: 10 });
  expect(roundToSum([Number.NaN, 3, -2, Number.POSITIVE_INFINITY], 3, 0)).toEqual({ parts: [0, 3, 0, 0], total: 3 });
  expect(roundToSum([], 5, 1)).toEqual({ parts: [], total: 0 });
  expect(roundToSum([0, 0], 0, 1)).toEqual({ parts: [0, 0], total: 0 });
});

test('the largest remainder gets the odd unit', () => {
  expect(roundToSum([1.6, 1.4, 1], 4, 0)).toEqual({ parts: [2, 1, 1], total: 4 });
  expect(roundToSum([33.3, 33.3, 33.4], 100, 0)).toEqual({ parts: [33, 33, 34], total: 100 });
});

test('small totals keep more decimals', () => {
  expect([0.4, 4, 40, 400].map(decimalsFor)).toEqual([3, 2, 1, 0]);
});
