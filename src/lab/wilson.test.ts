import { expect, it } from 'vitest';
import { wilson } from './wilson.js';

/** Reference values: Brown, Cai, DasGupta 2001 (Statistical Science 16), and binom.wilson of R's package binom. */
it.each([
  [0, 10, 0, 0.2775],
  [8, 8, 0.6756, 1],
  [5, 10, 0.2366, 0.7634],
  [19, 20, 0.7639, 0.9911],
  [0, 100, 0, 0.037],
])('%i of %i: %f to %f', (hits, of, low, high) => {
  const [from, to] = wilson(hits, of);
  expect(from).toBeCloseTo(low, 3);
  expect(to).toBeCloseTo(high, 3);
});

it('knows nothing from no trials', () => {
  expect(wilson(0, 0)).toEqual([0, 1]);
});
