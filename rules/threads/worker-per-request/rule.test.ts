import { describe, expect, it } from 'vitest';
import { type ComputeThreads, computeThreads } from '../../../src/facts/compute-threads.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { type SpawnRate, spawnRates } from '../../../src/facts/spawn-rate.js';
import { booked, factsOf, given } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { rule } from './rule.js';

const location = { file: 'src/forecast.js', line: 6, function: 'inThread', source: 'app' as const };
const rate: SpawnRate = {
  kind: 'worker',
  location,
  names: ['worker'],
  count: 40,
  perS: 5,
  perRequest: 1,
  routes: ['GET /forecast'],
  medianLifeMs: 60,
  medianStartMs: 40,
  medianCallMs: 0,
};
const waiting = booked({
  'GET /forecast': [
    ['wait/worker', 55, 'new Worker'],
    ['js/own', 5],
  ],
});
const own = (demandCores: number): ComputeThreads => ({
  kind: 'worker',
  threads: 12,
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
      given(threadPressure, { cores: 4 } as ThreadPressure),
    ),
  );

describe('threads/worker-per-request', () => {
  it('names the line that starts it, and counts what starting takes, not the work', () => {
    const verdict = judge([rate]);
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location, route: 'GET /forecast' }] });
    const [found] = verdict.is === 'present' ? verdict.findings : [];
    expect(found!.explainedShare).toBeCloseTo(40 / 60);
    expect(found!.fixes[0]!.says).toContain('a pool of 3 workers');
  });

  it.each<[string, SpawnRate[]]>([
    ['a pool starts now and then', [{ ...rate, perRequest: 0.1 }]],
    ['were few', [{ ...rate, count: 4 }]],
    ['are up at once beside the work', [{ ...rate, medianStartMs: 5 }]],
    ['nobody saw starting', [{ ...rate, medianStartMs: 0 }]],
    ['are processes', [{ ...rate, kind: 'child' }]],
    ['are none', []],
  ])('accuses no workers that %s', (_, rates) => expect(judge(rates).is).toBe('absent'));

  it('leaves more threads at a time than the cores can bear to the rule for that', () => {
    expect(judge([{ ...rate, perRequest: 4 }], waiting, 8).is).toBe('absent');
    expect(judge([rate], waiting, 8).is).toBe('present');
  });
});
