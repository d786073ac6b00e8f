import { describe, expect, it } from 'vitest';
import { type ComputeThreads, computeThreads } from '../../../src/facts/compute-threads.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { type SpawnRate, spawnRates } from '../../../src/facts/spawn-rate.js';
import { booked, factsOf, given } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { rule } from './rule.js';

const location = { file: 'src/codes.js', line: 9, function: 'codeOf', source: 'app' as const };
const rate: SpawnRate = {
  kind: 'child',
  location,
  names: ['sh'],
  count: 40,
  perS: 5,
  perRequest: 1,
  routes: ['GET /code'],
  medianLifeMs: 70,
  medianStartMs: 0,
};
const waiting = booked({
  'GET /code': [
    ['wait/child', 75, 'child_process'],
    ['js/own', 3],
  ],
  'GET /': [['js/own', 1]],
});
const own = (demandCores: number): ComputeThreads => ({
  kind: 'child',
  threads: 8,
  cpuCores: 1,
  waitingCores: 1,
  waitShare: 0.5,
  demandCores,
  activeShare: 0.5,
  origin: null,
});
const judge = (rates: SpawnRate[], ledger = waiting, demandCores = 0.5) =>
  rule.judge(
    factsOf(
      given(spawnRates, rates),
      given(ledgers, ledger),
      given(computeThreads, own(demandCores)),
      given(threadPressure, { cores: 2 } as ThreadPressure),
    ),
  );

describe('threads/spawn-per-request', () => {
  it('names the line that starts the program, the program and the route that waits', () => {
    const verdict = judge([rate]);
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location, route: 'GET /code' }] });
    const [found] = verdict.is === 'present' ? verdict.findings : [];
    expect(found!.summary).toContain('a shell (sh)');
    expect(found!.explainedShare).toBeCloseTo(75 / 78);
    expect(found!.fixes.map(({ says }) => says).join()).toContain('execFile');
  });

  it.each<[string, SpawnRate[]]>([
    ['is called when something is missing', [{ ...rate, perRequest: 0.3 }]],
    ['was called now and then', [{ ...rate, count: 4 }]],
    ['is a worker', [{ ...rate, kind: 'worker' }]],
    ['never was', []],
  ])('accuses no program that %s', (_, rates) => expect(judge(rates).is).toBe('absent'));

  it('accuses no program that nobody waits for', () => {
    expect(
      judge(
        [rate],
        booked({
          'GET /code': [
            ['wait/timer', 90],
            ['wait/child', 8],
          ],
        }),
      ).is,
    ).toBe('absent');
  });

  it('leaves more processes at a time than the cores can bear to the rule for that', () => {
    expect(judge([rate], waiting, 6).is).toBe('absent');
  });
});
