import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { heapBound } from './heap-bound.js';
import { createReader } from './reader.js';
import { tenSeconds } from './testing.js';

const MB = 1e6;
const { session } = tenSeconds();
/** Two moments in the window and one after it; proc, t, used, total, limit, external, arrayBuffers, rss. */
const heap = [
  [0, 1e6, 40 * MB, 60 * MB, 600 * MB, 0, 0, 110 * MB],
  [0, 2e6, 50 * MB, 60 * MB, 600 * MB, 0, 0, 120 * MB],
  [0, 11e6, 90 * MB, 99 * MB, 600 * MB, 0, 0, 190 * MB],
];
const read = (memoryBytes: number | null, rows = heap) =>
  createReader(
    buildRecording({ rows: { heap: rows }, documents: { session: { ...session, limits: { ...session.limits, memoryBytes } } } }),
  )(heapBound);

describe('the bound of the heap', () => {
  it('stands beside the limit of the container', () => {
    expect(read(400 * MB)).toEqual({
      heapLimitBytes: 600 * MB,
      memoryBytes: 400 * MB,
      isContainer: true,
      heapUsedBytes: 50 * MB,
      rssBytes: 120 * MB,
    });
  });
  it('stands beside the memory of the machine where there is none', () => {
    expect(read(null)).toMatchObject({ memoryBytes: 8 * 2 ** 30, isContainer: false });
  });
  it('is not known where nobody looked', () => {
    expect(() => read(null, [])).toThrow(/not recorded/);
  });
});
