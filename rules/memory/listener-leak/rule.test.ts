import { describe, expect, it } from 'vitest';
import { backlog } from '../../../src/facts/backlog.js';
import { type Lasting, lastingListeners } from '../../../src/facts/lasting.js';
import { requests } from '../../../src/facts/requests.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/live.js', line: 14, function: 'watch', source: 'app' as const };
const leaking: Lasting = { count: 240, quarters: [60, 61, 58, 61], beginner: { location, share: 1 } };
const judge = (listeners: Lasting, underWay = 1) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(lastingListeners, listeners),
      given(
        requests,
        Array.from({ length: 240 }, () => ({}) as never),
      ),
      given(backlog, { atStart: 1, atEnd: underWay, grown: underWay - 1, oldestShare: 0 }),
    ),
  );

describe('memory/listener-leak', () => {
  it('names the line that adds them, and how many per request', () => {
    const verdict = judge(leaking);
    expect(verdict).toMatchObject({ findings: [{ location, summary: expect.stringContaining('24.0 listeners per second') }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.evidence[1]!.says).toContain('1.00 stay per request');
  });
  it.each<[string, Lasting, number]>([
    ['a few', { ...leaking, count: 15, quarters: [4, 4, 4, 3] }, 1],
    ['open streams that listen', { ...leaking, count: 60, quarters: [10, 10, 20, 20] }, 55],
    ['a crowd that was there early', { ...leaking, quarters: [240, 0, 0, 0] }, 1],
    ['a crowd that comes and goes', { ...leaking, count: 40, quarters: [200, -160, 180, -180] }, 1],
  ])('is absent for %s', (_, listeners, underWay) => {
    expect(judge(listeners, underWay).is).toBe('absent');
  });
});
