import { truthsOf } from './judge.js';
import type { RunResult } from './run.js';
import type { Scenario } from './scenario.js';
import { judgeKey, type NamedRun, type ScoreBook, type ScoredRun, type SourceHashes, speaksOf } from './score-book.js';

/** What is to be scored. */
export interface Campaign {
  scenarios: readonly Scenario[];
  firstSeed: number;
  /** Successive seeds; with `same`, so many runs of the first one. */
  repeat: number;
  same: boolean;
  only: 'sick' | 'healthy' | null;
  nodes: readonly NodeProgram[];
}

export interface NodeProgram {
  path: string;
  /** "v20.20.2" */
  version: string;
}

export interface Job {
  scenario: Scenario;
  seed: number;
  attempt: number;
  sick: boolean;
  node: NodeProgram;
}

/** Where ddx itself says that it can't tell (a machine too busy with others), a run is done again so often; never where it is wrong. */
export const MOST_TRIES = 3;

/**
 * Every run of the campaign that the book does not have, seed by seed, so that an interrupted one has seen all families; then those to be
 * done again.
 */
export function remaining(campaign: Campaign, book: ScoreBook, now: SourceHashes): Job[] {
  const jobs = jobsOf(campaign);
  const known = book.runs.filter((run) => isCurrent(run, book, now));
  const settled = known.filter(({ outcome, tries }) => outcome !== 'inconclusive' || tries >= MOST_TRIES);
  const again = without(jobs, settled);
  const fresh = without(jobs, known);
  return [...fresh, ...again.filter((job) => !fresh.includes(job))];
}

/** The same for another tool, which no change of a rule makes older. */
export function toolRemaining(campaign: Campaign, book: ScoreBook, tool: string): Job[] {
  return without(
    jobsOf(campaign),
    book.tools.filter((run) => run.tool === tool),
  );
}

function jobsOf({ firstSeed, repeat, same, nodes, scenarios, only }: Campaign): Job[] {
  const turns = Array.from({ length: repeat }, (_, i) => (same ? { seed: firstSeed, attempt: i } : { seed: firstSeed + i, attempt: 0 }));
  return turns.flatMap((turn) =>
    nodes.flatMap((node) => scenarios.flatMap((scenario) => statesOf(scenario, only).map((sick) => ({ ...turn, node, scenario, sick })))),
  );
}

function without(jobs: readonly Job[], runs: readonly Keyed[]): Job[] {
  const done = new Set(runs.map(keyOf));
  return jobs.filter((job) => !done.has(keyOf({ ...job, scenario: job.scenario.id, node: job.node.version })));
}

/** Adds a run to the book, with the machine and the rules that judged. */
export function record(book: ScoreBook, now: SourceHashes, machine: string, job: Job, result: RunResult): ScoredRun {
  const judge = judgeKey(now);
  book.judges[judge] ??= { commit: now.commit, rules: now.rules };
  if (!book.machines.includes(machine)) book.machines.push(machine);
  const { member, outcome, found, rightLine, blamed, nursery, seconds } = result;
  const key = keyOf({ ...job, scenario: job.scenario.id, node: job.node.version });
  const before = book.runs.find((old) => keyOf(old) === key && isCurrent(old, book, now));
  const run: ScoredRun = {
    ...named(job, now),
    tries: (before?.tries ?? 0) + 1,
    variation: member.variation,
    truth: truthsOf(member.truth).map(({ rule }) => rule),
    outcome,
    found,
    rightLine,
    blamed,
    nursery,
    seconds: Math.round(seconds * 10) / 10,
    judge,
    machine: book.machines.indexOf(machine),
  };
  book.runs = [...book.runs.filter((old) => keyOf(old) !== key), run];
  return run;
}

/** Which run of which family a job is. */
export function named({ scenario, seed, attempt, sick, node }: Job, now: SourceHashes): NamedRun {
  return { scenario: scenario.id, family: now.families[scenario.id] ?? '', seed, attempt, sick, node: node.version };
}

/** Of a family: its own rule is as it was. Of the zoo and of composed servers: all rules are. */
function isCurrent(run: ScoredRun, book: ScoreBook, now: SourceHashes): boolean {
  const rules = run.scenario in now.rules ? [run.scenario] : Object.keys(now.rules);
  return rules.every((rule) => speaksOf(book, now, run, rule));
}

function statesOf(scenario: Scenario, only: Campaign['only']): boolean[] {
  const states = scenario.id.startsWith('healthy/') ? [false] : [true, false];
  return states.filter((sick) => only === null || only === (sick ? 'sick' : 'healthy'));
}

type Keyed = Pick<ScoredRun, 'scenario' | 'seed' | 'attempt' | 'sick' | 'node'>;

function keyOf({ scenario, seed, attempt, sick, node }: Keyed): string {
  return [scenario, seed, attempt, sick, node].join(' ');
}
