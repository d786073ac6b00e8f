import { diagnose } from '../src/diagnose/report.js';
import type { Rule } from '../src/model/rule.js';
import { readRecording } from '../src/recording/reader.js';

/** What a golden recording must go on saying: the report without charts, exemplars and profile, as indented JSON. */
export function goldenView(path: string, rules: readonly Rule[]): string {
  const { verdict, summary, requests, findings, nursery, ruledOut, notExamined, ledger, warnings } = diagnose(readRecording(path), rules);
  const view = { verdict, summary, requests, findings, nursery, ruledOut, notExamined, ledger: ledger.overall, warnings };
  return `${JSON.stringify(view, null, 2)}\n`;
}
