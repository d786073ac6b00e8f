import { describe, expect, it } from 'vitest';
import { createReader } from '../facts/reader.js';
import { buildRecording, type RecordingParts } from '../recording/memory.js';
import { overheadOf } from './overhead.js';

const NONE = 0;
const CHEAP = 1;
const ALL = 2;

/** Pairs of 100 ms: so many microseconds of CPU time per request without, `factor` times that with. `noise` alternates in sign. */
function trials(pairs: number, levels: [number, number], factor: number, noise: number, fromUs: number, perStretch = 50): number[][] {
  return Array.from({ length: pairs * 2 }, (_, i) => {
    const level = levels[i % 2]!;
    const startUs = fromUs + i * 100_000;
    const scatter = 1 + noise * (i % 4 < 2 ? 1 : -1) * (i % 3 === 0 ? 1 : 0.3);
    return [0, startUs, startUs + 100_000, level, Math.round(perStretch * 200 * (level === levels[1] ? factor : 1) * scatter), perStretch];
  });
}

const report = (rows: RecordingParts['rows'], strings = ['GET /a']) => {
  const recording = buildRecording({ strings, rows: rows ?? {} });
  return overheadOf(recording, createReader(recording));
};

describe('what ddx cost', () => {
  it('is the difference between hooks on and off, with its interval', () => {
    const { share, lowShare, highShare, tier, says } = report({ trials: trials(11, [NONE, ALL], 1.1, 0.02, -3e6) });
    expect(tier).toBe('standard');
    expect(share).toBeGreaterThan(0.07);
    expect(share).toBeLessThan(0.13);
    expect(lowShare).toBeLessThan(share);
    expect(highShare).toBeGreaterThan(share);
    expect(says).toContain('more main-thread CPU time per request');
  });

  it('is not told from none where the interval holds zero', () => {
    expect(report({ trials: trials(11, [NONE, ALL], 1, 0.2, -3e6) }).says).toContain('too little');
  });

  it('is unknown where too little was going on, where nothing was tried, and where no probe was', () => {
    expect(report({ trials: trials(11, [NONE, ALL], 1.1, 0, -3e6, 2) })).toMatchObject({ share: -1, lowShare: -1 });
    expect(report({}).how).toContain('not measured: the probe was never switched off for comparison (');
    const session = { ...buildRecording().documents.session!, probeShare: -1 };
    const outside = buildRecording({ documents: { session } });
    expect(overheadOf(outside, createReader(outside)).how).toBe('not measured: no probe was inside the target');
  });

  it('counts the owner ledger for the part of the time in which it was kept, and says what that leaves open', () => {
    const starts = Array.from({ length: 100 }, (_, i) => i * 100_000);
    // Kept in every fifth stretch of 100 ms.
    const coverage = starts.filter((_, i) => i % 5 === 0).map((us) => [0, us, us + 100_000]);
    const requests = starts.map((us, i) => [0, i + 1, us + 1_000, us + 2_000, 0, 200, 10, 4000, -1, i % 5 === 0 ? 0 : 2]);
    // Own JavaScript is 900 us of a request in one half of the windows and 500 in the other: that is what sampling leaves open.
    const turns = starts.flatMap((us, i) => (i % 5 === 0 ? [[0, us + 1_000, i % 10 === 0 ? 900 : 500, i + 1]] : []));
    const before = trials(11, [NONE, ALL], 1.3, 0, -3e6);
    const { share, sampling, says } = report({ coverage, requests, turns, trials: [...before, ...trials(20, [CHEAP, ALL], 1.25, 0, 0)] });
    // (1.3 / 1.25) is what the rest costs; the ledger adds a quarter of that for a fifth of the time.
    expect(share).toBeCloseTo((1.3 / 1.25) * (1 + 0.2 * 0.25) - 1, 3);
    expect(sampling).toMatchObject({ dutyShare: 0.2, windows: 20, bookedRequests: 20, requests: 100 });
    expect(sampling!.errorShare).toBeGreaterThan(0.02);
    expect(sampling!.errorShare).toBeLessThan(0.2);
    expect(says).toContain('20 of 100 requests are booked');
  });
});
