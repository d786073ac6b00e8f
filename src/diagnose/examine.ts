import { createReader, MissingFact } from '../facts/reader.js';
import type { FactReader } from '../model/fact.js';
import type { Recording } from '../model/recording.js';
import type { Evidence, Present, Rule } from '../model/rule.js';

/** What every rule says about one recording. */
export interface Examination {
  get: FactReader;
  present: { rule: Rule; found: Present }[];
  absent: { rule: Rule; because: Evidence }[];
  inconclusive: { rule: Rule; because: Evidence }[];
  notExamined: { rule: Rule; because: string; enable?: string }[];
}

/** Asks each rule once. A rule whose facts are missing is `not examined`, never silently absent. */
export function examine(recording: Recording, rules: readonly Rule[]): Examination {
  const get = createReader(recording);
  const examination: Examination = { get, present: [], absent: [], inconclusive: [], notExamined: [] };
  for (const rule of rules) {
    if (rule.stage !== 'retired') ask(rule, get, examination);
  }
  return examination;
}

function ask(rule: Rule, get: FactReader, into: Examination): void {
  try {
    for (const fact of rule.needs) get(fact);
    const verdict = rule.judge(get);
    if (verdict.is === 'present') into.present.push(...verdict.findings.map((found) => ({ rule, found })));
    else if (verdict.is === 'not-examined') into.notExamined.push(withEnable(rule, verdict.because, verdict.enable));
    else into[verdict.is].push({ rule, because: verdict.because });
  } catch (error) {
    if (!(error instanceof MissingFact)) throw error;
    into.notExamined.push(withEnable(rule, error.because, error.enable));
  }
}

function withEnable(rule: Rule, because: string, enable: string | undefined): { rule: Rule; because: string; enable?: string } {
  return enable === undefined ? { rule, because } : { rule, because, enable };
}
