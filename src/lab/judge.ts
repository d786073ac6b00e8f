import type { Finding, Report } from '../model/report.js';
import type { RuleId } from '../model/units.js';
import type { Truth } from './scenario.js';

/**
 * What a report was worth. Of sick runs: `right` (the one cause, nothing else as root cause), `mixed` (the cause and something else),
 * `wrong` (something else), `missed` (nothing). Of healthy runs: `silent`, `false-alarm`. Of both: `inconclusive` (ddx itself says that it
 * can't tell), `failed` (no report).
 */
export type Outcome = 'right' | 'mixed' | 'wrong' | 'missed' | 'silent' | 'false-alarm' | 'inconclusive' | 'failed';

export const GOOD: readonly Outcome[] = ['right', 'silent'];

export interface Judgement {
  outcome: Outcome;
  /** Whether a finding of the true rule points at a marked line; null where no source line is to blame. */
  rightLine: boolean | null;
  /** "file:line" of the true rule's finding. */
  said: string | null;
  /** Root causes (of healthy runs: findings) that are not the truth. */
  blamed: RuleId[];
  /** Findings of nursery rules other than the truth. They count for the promotion of those rules, not against this run. */
  nursery: RuleId[];
}

export function judgeReport(report: Report, truth: Truth): Judgement {
  const isTruth = (finding: Finding) => finding.rule === truth.rule;
  const counted = [...report.findings, ...report.nursery.filter(isTruth)];
  const nursery = rulesOf(report.nursery.filter((finding) => !isTruth(finding)));
  const roots = counted.filter((finding) => finding.role === 'root-cause');
  const found = roots.filter(isTruth);
  const blamed = rulesOf((truth.rule === null ? counted : roots).filter((finding) => !isTruth(finding)));
  const said = found[0]?.location;
  return {
    outcome: outcomeOf(report, truth, found.length > 0, blamed.length > 0),
    rightLine: truth.lines.length === 0 || found.length === 0 ? null : found.some((finding) => pointsAt(finding, truth)),
    said: said ? `${said.file}:${said.line}` : null,
    blamed,
    nursery,
  };
}

function outcomeOf(report: Report, truth: Truth, found: boolean, blamed: boolean): Outcome {
  if (found) return blamed ? 'mixed' : 'right';
  if (report.verdict === 'inconclusive') return 'inconclusive';
  if (truth.rule === null) return blamed ? 'false-alarm' : 'silent';
  return blamed ? 'wrong' : 'missed';
}

function pointsAt({ location }: Finding, { lines }: Truth): boolean {
  return lines.some(({ file, line }) => location?.file === file && location.line === line);
}

function rulesOf(findings: readonly Finding[]): RuleId[] {
  return [...new Set(findings.map(({ rule }) => rule))];
}
