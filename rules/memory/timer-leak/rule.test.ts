import { describe, expect, it } from 'vitest';
import { backlog } from '../../../src/facts/backlog.js';
import { type Lasting, lastingIntervals } from '../../../src/facts/lasting.js';
import { requests } from '../../../src/facts/requests.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/progress.js', line: 9, function: 'follow', source: 'app' as const };
const leaking: Lasting = { count: 400, quarters: [100, 98, 101, 101], beginner: { location, share: 1 } };
const judge = (intervals: Lasting, underWay = 1) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(lastingIntervals, intervals),
      given(requests, []),
      given(backlog, { atStart: 1, atEnd: underWay, grown: underWay - 1, oldestShare: 0 }),
    ),
  );

describe('memory/timer-leak', () => {
  it('names the line that begins them', () => {
    const verdict = judge(leaking);
    expect(verdict).toMatchObject({ findings: [{ location, explainedShare: 1 }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.summary).toContain('40.0 intervals per second');
  });
  it('is present without a place', () => {
    const verdict = judge({ ...leaking, beginner: null });
    expect(verdict.is === 'present' && verdict.findings[0]!.location).toBeUndefined();
  });
  it.each<[string, Lasting, number]>([
    ['a few of its own', { ...leaking, count: 12, quarters: [3, 3, 3, 3] }, 1],
    ['heartbeats of open streams', { ...leaking, count: 60, quarters: [10, 10, 20, 20] }, 55],
    ['a start that is over', { ...leaking, quarters: [390, 10, 0, 0] }, 1],
    ['requests of the last moments', { ...leaking, quarters: [0, 0, 0, 400] }, 1],
  ])('is absent for %s', (_, intervals, underWay) => {
    expect(judge(intervals, underWay).is).toBe('absent');
  });
});
