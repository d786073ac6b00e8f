import { expect, it } from 'vitest';
import { type ScoredRun, scoreRules } from './score.js';

const run = (change: Partial<ScoredRun>): ScoredRun => ({
  scenario: 'memory/heap-leak',
  rule: 'memory/heap-leak',
  seed: 0,
  sick: true,
  flavour: '',
  outcome: 'right',
  rightLine: true,
  blamed: [],
  nursery: [],
  seconds: 12,
  node: 'v20',
  commit: 'abc',
  ...change,
});

it('counts what was found, what was blamed instead, and every other run as a test of silence', () => {
  const runs = [
    run({}),
    run({ rightLine: false }),
    run({ outcome: 'wrong', rightLine: null, blamed: ['memory/gc-pressure'] }),
    run({ outcome: 'inconclusive', rightLine: null }),
    run({ rule: 'memory/gc-pressure', blamed: ['memory/heap-leak'], outcome: 'mixed' }),
    run({ rule: null, sick: false, outcome: 'silent', rightLine: null, nursery: ['memory/heap-leak'] }),
    run({ rule: null, sick: false, outcome: 'failed', rightLine: null }),
  ];
  const [leak, pressure] = scoreRules(runs, ['memory/heap-leak', 'memory/gc-pressure']);
  expect(leak).toMatchObject({
    sickRuns: 4,
    found: 2,
    missed: 1,
    inconclusive: 1,
    rightLine: 1,
    linesJudged: 2,
    falseAlarms: 2,
    otherRuns: 2,
  });
  expect([...leak!.blamedElsewhere]).toEqual([['memory/gc-pressure', 1]]);
  expect(pressure).toMatchObject({ sickRuns: 1, found: 1, falseAlarms: 1, otherRuns: 5 });
});
