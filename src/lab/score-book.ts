import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { RuleId } from '../model/units.js';
import type { Outcome } from './judge.js';
import type { Variation } from './scenario.js';

/** One run as it is remembered. */
export interface ScoredRun {
  scenario: string;
  /** Hash of the family's source. */
  family: string;
  seed: number;
  /** Counts runs of the same member: 0 but for repeated A/A runs. */
  attempt: number;
  sick: boolean;
  /** How often it was run: again where ddx said that it can't tell. The last one is what stands here. */
  tries: number;
  variation: Variation;
  /** Version of Node that the server ran on: "v20.20.2". */
  node: string;
  /** What is really wrong; empty of a healthy server, several of a composed one. */
  truth: RuleId[];
  outcome: Outcome;
  /** Those of `truth` that were named as root causes. */
  found: RuleId[];
  rightLine: boolean | null;
  blamed: RuleId[];
  nursery: RuleId[];
  seconds: number;
  /** Key of `judges`: the rules that judged. */
  judge: string;
  /** Index in `machines`. */
  machine: number;
  /** The commit that made the recording, where other rules judged it later. */
  recorded?: string;
  /** Of such a run: rules that found nothing to look at. */
  blind?: RuleId[];
}

/** Which run it is, and of which source. */
export type NamedRun = Pick<ScoredRun, 'scenario' | 'family' | 'seed' | 'attempt' | 'sick' | 'node'>;

/** A run of another tool over a scenario. */
export interface ToolRun
  extends Omit<ScoredRun, 'tries' | 'judge' | 'found' | 'rightLine' | 'blamed' | 'nursery' | 'outcome' | 'truth' | 'recorded' | 'blind'> {
  /** "clinic 11.0.0" */
  tool: string;
  truth: RuleId[];
  outcome: 'right' | 'wrong' | 'silent' | 'false-alarm' | 'failed';
  /** What the tool said, in its own words. */
  said: string;
}

/** Hashes of all rules, with the facts they read, at one time; by rule id. */
export type RuleHashes = Record<string, string>;

/** rules/scores.json: results of all sittings. */
export interface ScoreBook {
  schemaVersion: 1;
  machines: string[];
  judges: Record<string, { commit: string; rules: RuleHashes }>;
  runs: ScoredRun[];
  tools: ToolRun[];
}

/** What the sources say now. */
export interface SourceHashes {
  commit: string;
  rules: RuleHashes;
  families: Record<string, string>;
  /** By rule id. */
  stages?: Record<string, string>;
}

/** Key in `judges` of the rules as they are now, and of what counts in a verdict. */
export function judgeKey(now: SourceHashes): string {
  return createHash('sha256')
    .update(JSON.stringify([now.rules, now.stages]))
    .digest('hex')
    .slice(0, 8);
}

export function emptyBook(): ScoreBook {
  return { schemaVersion: 1, machines: [], judges: {}, runs: [], tools: [] };
}

/** An empty book where the file does not exist. Throws a SyntaxError where it is no JSON. */
export function readBook(file: string): ScoreBook {
  if (!existsSync(file)) return emptyBook();
  return { ...emptyBook(), ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<ScoreBook>) };
}

/** A line per run, so that a diff shows what was added. Written aside and moved: an interrupted sitting loses nothing. */
export function writeBook(file: string, book: ScoreBook): void {
  const rows = (list: readonly unknown[]) =>
    list.length === 0 ? '[]' : `[\n${list.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]`;
  const judges = Object.entries(book.judges).map(([key, judge]) => `    ${JSON.stringify(key)}: ${JSON.stringify(judge)}`);
  const text = [
    `  "schemaVersion": 1`,
    `  "machines": ${rows(book.machines)}`,
    `  "judges": {${judges.length > 0 ? `\n${judges.join(',\n')}\n  ` : ''}}`,
    `  "runs": ${rows(book.runs)}`,
    `  "tools": ${rows(book.tools)}`,
  ].join(',\n');
  writeFileSync(`${file}.new`, `{\n${text}\n}\n`);
  renameSync(`${file}.new`, file);
}

/** Whether a run still says something about `rule`: the rule was then what it is now, and so was the family. */
export function speaksOf(book: ScoreBook, now: SourceHashes, run: ScoredRun, rule: string): boolean {
  return isOfFamily(now, run) && book.judges[run.judge]?.rules[rule] === now.rules[rule];
}

function isOfFamily(now: SourceHashes, run: { scenario: string; family: string }): boolean {
  return now.families[run.scenario] === run.family;
}

/** The book without runs that say nothing about any rule any more, nor of families that have changed. */
export function withoutOld(book: ScoreBook, now: SourceHashes): ScoreBook {
  const runs = book.runs.filter((run) => Object.keys(now.rules).some((rule) => speaksOf(book, now, run, rule)));
  const used = new Set(runs.map(({ judge }) => judge));
  return {
    ...book,
    judges: Object.fromEntries(Object.entries(book.judges).filter(([key]) => used.has(key))),
    runs,
    tools: book.tools.filter((run) => isOfFamily(now, run)),
  };
}
