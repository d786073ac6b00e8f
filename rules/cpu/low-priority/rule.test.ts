import { describe, expect, it } from 'vitest';
import { ledgers } from '../../../src/facts/ledgers.js';
import { type Niceness, niceness } from '../../../src/facts/niceness.js';
import { booked, factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { type Throttling, throttling } from '../../../src/facts/throttling.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const setAt = { file: 'src/refresh.js', line: 6, function: 'setPriority', source: 'app' as const };
const low: Niceness = { nice: 15, weight: 0.035, setAt };
const crowded: ThreadPressure = {
  cores: 2,
  cpuCores: 0.3,
  waitingCores: 0.5,
  byKind: [],
  mainWaitShare: 0.6,
  involuntarySwitchesPerS: 200,
  neighbourCores: 1.6,
  stealCores: 0,
  machineBusyShare: 1,
};
const judge = (nice: Niceness, pressure: Partial<ThreadPressure> = {}, { waitMs = 60, throttledShare = 0 } = {}) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(niceness, nice),
      given(threadPressure, { ...crowded, ...pressure }),
      given(throttling, { share: throttledShare } as Throttling),
      given(
        ledgers,
        booked({
          'GET /table': [
            ['cpu/run-queue', waitMs],
            ['js/own', 40],
          ],
        }),
      ),
    ),
  );

describe('cpu/low-priority', () => {
  it('names the line that lowers it, and what it costs', () => {
    const verdict = judge(low);
    expect(verdict).toMatchObject({ findings: [{ location: setAt, route: 'GET /table', explainedShare: 0.6 }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.evidence[0]!.says).toContain('gets 3.4 % of the core');
  });

  it('is present without a line, and says how to start it', () => {
    const verdict = judge({ ...low, setAt: null });
    expect(verdict.is === 'present' && verdict.findings[0]!.fixes[0]!.says).toContain('Nice=');
  });

  it.each<[string, Niceness, Partial<ThreadPressure>, { waitMs?: number; throttledShare?: number }]>([
    ['an ordinary priority', { nice: 0, weight: 1, setAt: null }, {}, {}],
    ['a priority a little lower', { nice: 2, weight: 0.64, setAt: null }, {}, {}],
    ['a machine with room', low, { mainWaitShare: 0.1 }, {}],
    ['a crowd of its own making', low, { neighbourCores: 0.1 }, {}],
    ['a quota', low, {}, { throttledShare: 0.4 }],
    ['requests that do not feel it', low, {}, { waitMs: 5 }],
  ])('is absent for %s', (_, nice, pressure, rest) => {
    expect(judge(nice, pressure, rest).is).toBe('absent');
  });
});
