import { describe, expect, it } from 'vitest';
import { dueTimes } from './arrivals.js';
import type { Arrivals } from './options.js';
import { splitLoad } from './threads.js';

type Open = Exclude<Arrivals, { kind: 'closed' }>;
const SPAN = { startUs: 1e6, windowStartUs: 3e6, endUs: 13e6 };

function all(arrivals: Open, seed = 1): number[] {
  const next = dueTimes(arrivals, SPAN, seed);
  const dues: number[] = [];
  for (let due = next(); due !== Number.POSITIVE_INFINITY; due = next()) dues.push(due);
  return dues;
}
const within = (dues: number[], fromS: number, toS: number) => dues.filter((due) => due >= fromS * 1e6 && due < toS * 1e6).length;

describe('uniform', () => {
  it('comes at even distances', () => {
    const dues = all({ kind: 'open', ratePerS: 100, spacing: 'uniform' });
    expect(dues).toHaveLength(1_200);
    expect(dues[0]).toBe(1e6);
    for (let i = 1; i < dues.length; i++) expect(dues[i]! - dues[i - 1]!).toBeCloseTo(10_000, 3);
  });

  it('threads interleave: together they are the whole', () => {
    const options = { host: 'h', port: 1, requests: [], durationS: 1, originUs: 0 };
    const arrivals: Open = { kind: 'open', ratePerS: 90, spacing: 'uniform' };
    const shares = splitLoad({ ...options, arrivals }, 3).flatMap((share) => all(share.arrivals as Open));
    const whole = all(arrivals);
    expect(shares).toHaveLength(whole.length);
    for (const [i, due] of shares.sort((a, b) => a - b).entries()) expect(due).toBeCloseTo(whole[i]!, 3);
  });
});

describe('poisson', () => {
  it('has the rate, gaps that vary as exponential ones do, and repeats by seed', () => {
    const dues = all({ kind: 'open', ratePerS: 2_000 });
    const gaps = dues.slice(1).map((due, i) => due - dues[i]!);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    // 24,000 arrivals: one standard error of the mean is 0.65 %.
    expect(Math.abs(mean / 500 - 1)).toBeLessThan(0.03);
    expect(Math.abs(Math.sqrt(variance) / mean - 1)).toBeLessThan(0.05);
    expect(all({ kind: 'open', ratePerS: 2_000 })).toEqual(dues);
    expect(all({ kind: 'open', ratePerS: 2_000 }, 2)).not.toEqual(dues);
  });
});

describe('ramp', () => {
  it.each([
    [50, 800],
    [800, 50],
  ])('from %d to %d per second, after a warm-up at the first rate', (ratePerS, rampToPerS) => {
    const dues = all({ kind: 'open', ratePerS, rampToPerS, spacing: 'uniform' });
    expect(within(dues, 1, 3)).toBeCloseTo(2 * ratePerS, -1);
    const rateAt = (atS: number) => ratePerS + ((rampToPerS - ratePerS) * (atS - 3)) / 10;
    for (const second of [3, 7, 12]) expect(Math.abs(within(dues, second, second + 1) - rateAt(second + 0.5))).toBeLessThan(3);
  });
});

it('a trace comes as it was, cut at the end', () => {
  expect(all({ kind: 'trace', atUs: Float64Array.of(0, 5, 11.9e6, 12e6) })).toEqual([1e6, 1e6 + 5, 12.9e6]);
});
