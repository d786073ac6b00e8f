import { describe, expect, it } from 'vitest';
import { stageOf } from './promotion.js';
import type { RuleScore } from './score.js';

const perfect: RuleScore = {
  rule: 'memory/heap-leak',
  sickRuns: 8,
  found: 8,
  missed: 0,
  inconclusive: 0,
  failed: 0,
  blamedElsewhere: {},
  rightLine: 8,
  linesJudged: 8,
  falseAlarms: { twin: { alarms: 0, runs: 8 }, zoo: { alarms: 0, runs: 20 }, others: { alarms: 0, runs: 72 } },
  seconds: 0,
};

describe('a stage is earned', () => {
  it.each<[string, Partial<RuleScore>]>([
    ['8 of 8, 100 silent runs', {}],
    ['19 of 20', { sickRuns: 20, found: 19 }],
    ['9 of 10 lines', { linesJudged: 10, rightLine: 9 }],
    ['no line to judge', { linesJudged: 0, rightLine: 0 }],
  ])('stable: %s', (_, change) => {
    expect(stageOf({ ...perfect, ...change })).toEqual({ stage: 'stable', lacks: [] });
  });

  it.each<[string, Partial<RuleScore>, string]>([
    ['18 of 19', { sickRuns: 19, found: 18 }, 'found 18 of 19; below 20 runs none may be missed'],
    ['18 of 20', { sickRuns: 20, found: 18 }, 'found 18 of 20, less than 95 %'],
    ['7 of 8 lines', { rightLine: 7 }, 'the right line in 7 of 8, less than 90 %'],
    ['an alarm', { falseAlarms: { ...perfect.falseAlarms, zoo: { alarms: 1, runs: 20 } } }, '1 false alarm in 100 runs'],
  ])('nursery: %s', (_, change, because) => {
    const { stage, lacks } = stageOf({ ...perfect, ...change });
    expect(stage).toBe('nursery');
    expect(lacks).toEqual([expect.stringContaining(because)]);
  });

  it.each<[string, Partial<RuleScore>, string]>([
    ['never run', { sickRuns: 0, found: 0 }, '0 sick runs of the 8 wanted'],
    ['7 of 7', { sickRuns: 7, found: 7 }, '7 sick runs of the 8'],
    ['99 runs elsewhere', { falseAlarms: { ...perfect.falseAlarms, zoo: { alarms: 0, runs: 19 } } }, '99 runs elsewhere of the 100'],
  ])('undecided: %s', (_, change, because) => {
    const { stage, lacks } = stageOf({ ...perfect, ...change });
    expect(stage).toBe('undecided');
    expect(lacks).toEqual([expect.stringContaining(because)]);
  });
});
