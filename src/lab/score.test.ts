import { describe, expect, it } from 'vitest';
import { scoreParts } from './parts.js';
import { alarmsOf, confusion, scoreRules } from './score.js';
import type { ScoredRun } from './score-book.js';
import { scored } from './testing.js';

const run = (change: Partial<ScoredRun>): ScoredRun => scored({ scenario: 'memory/heap-leak', truth: ['memory/heap-leak'], ...change });
const wrong: Partial<ScoredRun> = { outcome: 'wrong', found: [], rightLine: null };
const silent = { sick: false, truth: [], outcome: 'silent', found: [], rightLine: null } satisfies Partial<ScoredRun>;

describe('scoreRules', () => {
  it('counts what was found, what was blamed instead, and every other run as a test of silence', () => {
    const runs = [
      run({}),
      run({ rightLine: false }),
      run({ ...wrong, blamed: ['memory/gc-pressure'] }),
      run({ ...wrong, outcome: 'inconclusive' }),
      run({ ...silent }),
      run({
        scenario: 'memory/gc-pressure',
        truth: ['memory/gc-pressure'],
        found: ['memory/gc-pressure'],
        blamed: ['memory/heap-leak'],
        outcome: 'mixed',
      }),
      run({ ...silent, scenario: 'healthy/bursts', nursery: ['memory/heap-leak'] }),
      run({ ...silent, scenario: 'healthy/bursts', outcome: 'failed' }),
    ];
    const [leak, pressure] = scoreRules(runs, ['memory/heap-leak', 'memory/gc-pressure']);
    expect(leak).toMatchObject({ sickRuns: 4, found: 2, missed: 1, inconclusive: 1, rightLine: 1, linesJudged: 2 });
    expect(leak!.blamedElsewhere).toEqual({ 'memory/gc-pressure': 1 });
    expect(leak!.falseAlarms).toEqual({ twin: { alarms: 0, runs: 1 }, zoo: { alarms: 1, runs: 1 }, others: { alarms: 1, runs: 1 } });
    expect(pressure).toMatchObject({ sickRuns: 1, found: 1 });
    expect(alarmsOf(pressure!)).toEqual({ alarms: 1, runs: 6 });
  });

  it('leaves out runs that were judged by an older rule, for that rule only', () => {
    const runs = [run({ judge: 'old' }), run({ ...silent, scenario: 'healthy/bursts', judge: 'old' })];
    const counts = (one: ScoredRun, rule: string) => one.judge !== 'old' || rule !== 'memory/heap-leak';
    const [leak, pressure] = scoreRules(runs, ['memory/heap-leak', 'memory/gc-pressure'], counts);
    expect(leak).toMatchObject({ sickRuns: 0, falseAlarms: { zoo: { runs: 0 } } });
    expect(alarmsOf(pressure!).runs).toBe(2);
  });
});

it('confusion: truth against what was named, composed and failed runs left out', () => {
  const runs = [
    run({}),
    run({ ...wrong, blamed: ['memory/gc-pressure'] }),
    run({ ...wrong, outcome: 'missed' }),
    run({ ...silent }),
    run({ ...silent, outcome: 'inconclusive' }),
    run({ ...silent, outcome: 'failed' }),
    run({ truth: ['memory/heap-leak', 'http/error-responses'] }),
  ];
  expect(confusion(runs)).toEqual({
    'memory/heap-leak': { 'memory/heap-leak': 1, 'memory/gc-pressure': 1, nothing: 1 },
    healthy: { nothing: 1, inconclusive: 1 },
  });
});

it('scoreParts: each framework against all others', () => {
  const on = (framework: string, change: Partial<ScoredRun>) => run({ ...change, variation: { ...run({}).variation, framework } });
  const runs = [
    on('koa', {}),
    on('koa', wrong),
    on('hono', {}),
    on('hono', { ...silent, blamed: ['memory/heap-leak'], outcome: 'false-alarm' }),
  ];
  expect(scoreParts(runs, 'framework')).toEqual([
    { value: 'hono', found: 1, sickRuns: 1, falseAlarms: 1, healthyRuns: 1, foundWithout: 1, sickRunsWithout: 2 },
    { value: 'koa', found: 1, sickRuns: 2, falseAlarms: 0, healthyRuns: 0, foundWithout: 1, sickRunsWithout: 1 },
  ]);
  expect(scoreParts(runs, 'cause').map(({ value }) => value)).toEqual(['memory/heap-leak: keyed-cache']);
});
