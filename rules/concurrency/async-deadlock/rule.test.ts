import { describe, expect, it } from 'vitest';
import { type StuckRequests, stuckRequests } from '../../../src/facts/stuck-requests.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/pay.js', line: 12, function: 'pay', source: 'app' as const };
const stuck: StuckRequests = {
  route: 'POST /pay',
  stuck: 80,
  leastMs: 3100,
  answered: 40,
  slowestAnsweredMs: 25,
  silentMs: 5000,
  seen: 20,
  askingShare: 0,
  standAt: [
    { location, count: 18 },
    { location: { ...location, line: 14 }, count: 2 },
  ],
};
const judge = (change: Partial<StuckRequests> | null) =>
  rule.judge(factsOf(given(window, tenSeconds()), given(stuckRequests, change ? [{ ...stuck, ...change }] : [])));

describe('concurrency/async-deadlock', () => {
  it('names where they stand, all places', () => {
    const verdict = judge({});
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location, kind: 'deadlock', route: 'POST /pay' }] });
    expect(JSON.stringify(verdict)).toContain('2 of 20 seen stand at src/pay.js:14');
  });
  it('calls it a promise that is never settled where others are answered meanwhile', () => {
    expect(judge({ silentMs: 0 })).toMatchObject({ is: 'present', findings: [{ kind: 'never-settled' }] });
  });
  it('says so without a place where that was not seen', () => {
    expect(judge({ standAt: [] })).toMatchObject({ is: 'present', findings: [{ confidence: expect.closeTo(0.817, 2) }] });
  });
  it.each<[string, Partial<StuckRequests>]>([
    ['requests that asked somebody else', { askingShare: 1, standAt: [] }],
    ['a few', { stuck: 3 }],
  ])('is absent for %s', (_, change) => {
    expect(judge(change).is).toBe('absent');
  });
  it('leaves it open where nobody saw where they stand', () => {
    expect(judge({ seen: 0, standAt: [] }).is).toBe('inconclusive');
  });
  it('is absent where everybody had an answer', () => {
    expect(judge(null)).toMatchObject({ is: 'absent', because: { value: 0 } });
  });
});
