import type { RuleId } from '../model/units.js';
import type { Outcome } from './judge.js';
import type { RunResult } from './run.js';

/** One run as it is remembered in rules/scores.json. */
export interface ScoredRun {
  scenario: string;
  rule: RuleId | null;
  seed: number;
  sick: boolean;
  flavour: string;
  outcome: Outcome;
  rightLine: boolean | null;
  blamed: RuleId[];
  nursery: RuleId[];
  seconds: number;
  node: string;
  commit: string;
}

export interface RuleScore {
  rule: RuleId;
  sickRuns: number;
  found: number;
  missed: number;
  /** Sick runs in which something else was (also) called the root cause, and what. */
  blamedElsewhere: Map<RuleId, number>;
  inconclusive: number;
  failed: number;
  rightLine: number;
  linesJudged: number;
  /** Runs of other scenarios and of healthy ones in which this rule was named though it was not the truth. */
  falseAlarms: number;
  otherRuns: number;
}

export function scoredRun(result: RunResult, node: string, commit: string): ScoredRun {
  const { member, outcome, rightLine, blamed, nursery, seconds } = result;
  const { scenario, seed, sick, flavour } = member;
  return {
    scenario: scenario.id,
    rule: member.truth.rule,
    seed,
    sick,
    flavour,
    outcome,
    rightLine,
    blamed,
    nursery,
    seconds: Math.round(seconds * 10) / 10,
    node,
    commit,
  };
}

/** Sums up runs per rule. Every run is also a test of the silence of all other rules. */
export function scoreRules(runs: readonly ScoredRun[], rules: readonly RuleId[]): RuleScore[] {
  return rules.map((rule) => {
    const sick = runs.filter((run) => run.rule === rule);
    const others = runs.filter((run) => run.rule !== rule && run.outcome !== 'failed');
    const blamedElsewhere = new Map<RuleId, number>();
    for (const blamed of sick.flatMap((run) => run.blamed)) blamedElsewhere.set(blamed, (blamedElsewhere.get(blamed) ?? 0) + 1);
    const lines = sick.filter((run) => run.rightLine !== null);
    return {
      rule,
      sickRuns: sick.length,
      found: count(sick, 'right') + count(sick, 'mixed'),
      missed: count(sick, 'missed') + count(sick, 'wrong'),
      blamedElsewhere,
      inconclusive: count(sick, 'inconclusive'),
      failed: count(sick, 'failed'),
      rightLine: lines.filter((run) => run.rightLine).length,
      linesJudged: lines.length,
      falseAlarms: others.filter((run) => run.blamed.includes(rule) || run.nursery.includes(rule)).length,
      otherRuns: others.length,
    };
  });
}

function count(runs: readonly ScoredRun[], outcome: Outcome): number {
  return runs.filter((run) => run.outcome === outcome).length;
}
