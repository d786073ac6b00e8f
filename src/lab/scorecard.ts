import type { RuleId } from '../model/units.js';
import { type Part, type PartScore, scoreParts } from './parts.js';
import { type Promotion, stageOf } from './promotion.js';
import { alarmsOf, confusion, type Matrix, type RuleScore, scoreRules } from './score.js';
import { type ScoreBook, type ScoredRun, type SourceHashes, speaksOf } from './score-book.js';
import { wilson } from './wilson.js';

/** Everything that follows from a book of runs; what `ddx lab score --json` prints. */
export interface Scorecard {
  schemaVersion: 1;
  commit: string;
  machines: string[];
  firstSeed: number;
  lastSeed: number;
  rules: (RuleScore & { recallLow: number; recallHigh: number; alarms: number; otherRuns: number; alarmsHigh: number } & Promotion)[];
  confusion: Matrix;
  zoo: { scenario: string; runs: number; silent: number; inconclusive: number; alarms: RuleId[] }[];
  parts: Record<Part, PartScore[]>;
  /** Of servers with several illnesses: how many of them were named, and what else was. */
  composed: { runs: number; illnesses: number; found: number; blamed: RuleId[] };
  /** One healthy server again and again. */
  sameServer: { scenario: string; seed: number; runs: number; alarms: number; inconclusive: number }[];
  runs: number;
  /** Of `runs`: recorded earlier, judged again when rules had changed. */
  judgedAgain: number;
  seconds: number;
}

/** `rules`: all ids, in the order of the table. */
export function scorecard(book: ScoreBook, now: SourceHashes, rules: readonly RuleId[]): Scorecard {
  const counts = (run: ScoredRun, rule: RuleId) => speaksOf(book, now, run, rule);
  const runs = book.runs.filter((run) => run.truth.length !== 1 || counts(run, run.truth[0]!));
  return {
    schemaVersion: 1,
    commit: now.commit,
    machines: book.machines,
    firstSeed: runs.length > 0 ? Math.min(...runs.map(({ seed }) => seed)) : 0,
    lastSeed: Math.max(0, ...runs.map(({ seed }) => seed)),
    rules: scoreRules(book.runs, rules, counts).map((score) => {
      const { alarms, runs: otherRuns } = alarmsOf(score);
      const [recallLow, recallHigh] = wilson(score.found, score.sickRuns);
      return { ...score, recallLow, recallHigh, alarms, otherRuns, alarmsHigh: wilson(alarms, otherRuns)[1], ...stageOf(score) };
    }),
    confusion: confusion(runs),
    zoo: zooOf(runs),
    parts: Object.fromEntries(PARTS.map((part) => [part, scoreParts(runs, part)])) as Record<Part, PartScore[]>,
    composed: composedOf(runs),
    sameServer: sameServerOf(runs),
    runs: runs.length,
    judgedAgain: runs.filter(({ recorded }) => recorded !== undefined).length,
    seconds: Math.round(runs.reduce((sum, { seconds }) => sum + seconds, 0)),
  };
}

const PARTS: readonly Part[] = ['framework', 'language', 'noise', 'node', 'cause'];

function zooOf(runs: readonly ScoredRun[]): Scorecard['zoo'] {
  const zoo = runs.filter(({ scenario }) => scenario.startsWith('healthy/'));
  return [...new Set(zoo.map(({ scenario }) => scenario))].sort().map((scenario) => {
    const mine = zoo.filter((run) => run.scenario === scenario);
    return {
      scenario,
      runs: mine.length,
      silent: mine.filter(({ outcome }) => outcome === 'silent').length,
      inconclusive: mine.filter(({ outcome }) => outcome === 'inconclusive').length,
      alarms: mine.flatMap(({ blamed }) => blamed),
    };
  });
}

function composedOf(runs: readonly ScoredRun[]): Scorecard['composed'] {
  const several = runs.filter(({ truth }) => truth.length > 1);
  return {
    runs: several.length,
    illnesses: several.reduce((sum, { truth }) => sum + truth.length, 0),
    found: several.reduce((sum, { found }) => sum + found.length, 0),
    blamed: several.flatMap(({ blamed }) => blamed),
  };
}

function sameServerOf(runs: readonly ScoredRun[]): Scorecard['sameServer'] {
  const again = runs.filter(({ truth, attempt }) => truth.length === 0 && attempt > 0);
  const names = new Set(again.map(({ scenario, seed }) => `${scenario} ${seed}`));
  return [...names].map((name) => {
    const [scenario, seed] = name.split(' ') as [string, string];
    const mine = runs.filter((run) => run.scenario === scenario && run.seed === Number(seed) && run.truth.length === 0);
    return {
      scenario,
      seed: Number(seed),
      runs: mine.length,
      alarms: mine.filter(({ blamed }) => blamed.length > 0).length,
      inconclusive: mine.filter(({ outcome }) => outcome === 'inconclusive').length,
    };
  });
}
