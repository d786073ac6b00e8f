import { describe, expect, it } from 'vitest';
import { ledgers } from '../../../src/facts/ledgers.js';
import { type SpawnRate, spawnRates } from '../../../src/facts/spawn-rate.js';
import { booked, factsOf, given } from '../../../src/facts/testing.js';
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
  medianCallMs: 0,
};
const waiting = booked({
  'GET /code': [
    ['wait/child', 75, 'child_process'],
    ['js/own', 3],
  ],
  'GET /': [['js/own', 1]],
});
const judge = (rates: SpawnRate[], ledger = waiting) => rule.judge(factsOf(given(spawnRates, rates), given(ledgers, ledger)));

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

  it('counts what starting it takes of the request´s own turn, and no more', () => {
    const quick = booked({
      'GET /code': [
        ['wait/child', 1, 'child_process'],
        ['js/own', 6],
        ['db/execute', 3, 'x'],
      ],
    });
    expect(judge([rate], quick).is).toBe('absent');
    const verdict = judge([{ ...rate, medianCallMs: 3 }], quick);
    expect(verdict).toMatchObject({ is: 'present', findings: [{ explainedShare: 0.4 }] });
    expect(judge([{ ...rate, medianCallMs: 90 }], quick)).toMatchObject({ findings: [{ explainedShare: 0.7 }] });
  });

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
});
