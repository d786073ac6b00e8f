import type { RuleId } from '../model/units.js';
import type { Outcome } from './judge.js';
import type { ScoredRun } from './score-book.js';

export interface RuleScore {
  rule: RuleId;
  /** Runs of the rule's own family, sick. */
  sickRuns: number;
  found: number;
  missed: number;
  inconclusive: number;
  failed: number;
  /** Sick runs in which something else was (also) called the root cause, and what. */
  blamedElsewhere: Partial<Record<RuleId, number>>;
  rightLine: number;
  linesJudged: number;
  /** Runs in which this rule was named though it was not the truth, and of how many, by where. */
  falseAlarms: Record<Elsewhere, { alarms: number; runs: number }>;
  seconds: number;
}

/** `twin`: the rule's own family, healed; `zoo`: healthy servers that look ill; `others`: other families, sick or healed, and composed ones. */
export type Elsewhere = 'twin' | 'zoo' | 'others';

/** Whether a run may be counted for a rule: rules change, and old results with them. */
export type Counts = (run: ScoredRun, rule: RuleId) => boolean;

/** Sums up runs per rule. Every run is also a test of the silence of all rules that are not its truth. */
export function scoreRules(runs: readonly ScoredRun[], rules: readonly RuleId[], counts: Counts = () => true): RuleScore[] {
  return rules.map((rule) => {
    const mine = runs.filter((run) => counts(run, rule));
    const sick = mine.filter((run) => run.scenario === rule && run.sick);
    const others = mine.filter((run) => !run.truth.includes(rule) && run.outcome !== 'failed' && !run.blind?.includes(rule));
    const lines = sick.filter((run) => run.rightLine !== null);
    const falseAlarms = { twin: { alarms: 0, runs: 0 }, zoo: { alarms: 0, runs: 0 }, others: { alarms: 0, runs: 0 } };
    for (const run of others) {
      const place = falseAlarms[run.scenario === rule ? 'twin' : run.scenario.startsWith('healthy/') ? 'zoo' : 'others'];
      place.runs++;
      if (namedIn(run).includes(rule)) place.alarms++;
    }
    return {
      rule,
      sickRuns: sick.length,
      found: sick.filter((run) => run.found.includes(rule)).length,
      missed: count(sick, 'missed') + count(sick, 'wrong'),
      inconclusive: count(sick, 'inconclusive'),
      failed: count(sick, 'failed'),
      blamedElsewhere: tally(sick.flatMap((run) => run.blamed)),
      rightLine: lines.filter((run) => run.rightLine).length,
      linesJudged: lines.length,
      falseAlarms,
      seconds: mine.filter((run) => run.scenario === rule).reduce((sum, run) => sum + run.seconds, 0),
    };
  });
}

/** All alarms of a rule where it should have been silent. */
export function alarmsOf({ falseAlarms: { twin, zoo, others } }: RuleScore): { alarms: number; runs: number } {
  return { alarms: twin.alarms + zoo.alarms + others.alarms, runs: twin.runs + zoo.runs + others.runs };
}

/** The row "healthy" is of servers with nothing wrong, the columns "nothing" and "inconclusive" of runs in which no root cause was named. */
export type Named = RuleId | 'nothing' | 'inconclusive';
export type Matrix = Record<RuleId | 'healthy', Partial<Record<Named, number>>>;

/** What was the truth, what was named. Composed scenarios, whose truth is several, are left out, and so are runs without a report. */
export function confusion(runs: readonly ScoredRun[]): Matrix {
  const matrix: Matrix = {} as Matrix;
  for (const run of runs) {
    if (run.truth.length > 1 || run.outcome === 'failed') continue;
    const named = [...run.found, ...run.blamed];
    const cells: Named[] = named.length > 0 ? named : [run.outcome === 'inconclusive' ? 'inconclusive' : 'nothing'];
    const truth = run.truth[0] ?? 'healthy';
    const row = matrix[truth] ?? {};
    for (const cell of cells) row[cell] = (row[cell] ?? 0) + 1;
    matrix[truth] = row;
  }
  return matrix;
}

export function tally<T extends string>(values: readonly T[]): Partial<Record<T, number>> {
  const sums: Partial<Record<T, number>> = {};
  for (const value of values) sums[value] = (sums[value] ?? 0) + 1;
  return sums;
}

function namedIn({ blamed, nursery, found }: ScoredRun): RuleId[] {
  return [...blamed, ...nursery, ...found];
}

function count(runs: readonly ScoredRun[], outcome: Outcome): number {
  return runs.filter((run) => run.outcome === outcome).length;
}
