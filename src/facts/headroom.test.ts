import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { headroom } from './headroom.js';
import { createReader } from './reader.js';

/** 100 requests in 10 s; the main thread computes for `mainUs` in each second, the pool's threads for `poolUs`. */
function served(mainUs: number, poolUs: number, change: { quotaCores?: number } = {}) {
  const requests = Array.from({ length: 100 }, (_, i) => [0, i + 1, i * 1e5, i * 1e5 + 2000, 0, 200, 1, 4000, 0, 0, -1, -1]);
  const threads = Array.from({ length: 10 }, (_, i) => [
    [0, 1000, 1, (i + 1) * 1e6, mainUs, 0, 0, 0],
    [0, 1001, 2, (i + 1) * 1e6, poolUs, 0, 0, 0],
  ]).flat();
  const recording = buildRecording({ strings: ['GET /a', 'main', 'libuv'], rows: { requests, threads } });
  recording.documents.session!.limits.quotaCores = change.quotaCores ?? null;
  return createReader(recording);
}

describe('what would run out first', () => {
  it('is the main thread of an ordinary server, at the rate that fills it', () => {
    expect(served(250_000, 10_000)(headroom)).toEqual({ resource: 'the main thread', usedShare: 0.25, fullAtPerS: 40 });
  });
  it('is a quota that is smaller than the thread', () => {
    expect(served(250_000, 150_000, { quotaCores: 0.5 })(headroom)).toEqual({
      resource: 'the CPU quota of 0.5 cores',
      usedShare: 0.8,
      fullAtPerS: 12.5,
    });
  });
  it('is not said where next to nothing is used', () => {
    expect(() => served(5_000, 0)(headroom)).toThrow('too little');
  });
});
