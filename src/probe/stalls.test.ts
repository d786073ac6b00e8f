import { expect, it } from 'vitest';
import { waitedSince } from './stalls.js';

it('what a thread waited between the clock and the reading came after that moment, not before', () => {
  expect(waitedSince(1000, 1004, 300)).toBe(0);
  expect(waitedSince(1000, 81_000, 80_010)).toBe(80_000);
  expect(waitedSince(1000, 81_000, 30_000)).toBe(30_000);
});
