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
  /** What is really wrong and was named as a root cause. */
  found: RuleId[];
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
  const truths = truthsOf(truth);
  const isTrue = (finding: Finding) => truths.some(({ rule }) => rule === finding.rule);
  const counted = [...report.findings, ...report.nursery.filter(isTrue)];
  const nursery = rulesOf(report.nursery.filter((finding) => !isTrue(finding)));
  const roots = counted.filter((finding) => finding.role === 'root-cause');
  const hits = roots.filter(isTrue);
  const found = rulesOf(hits);
  const blamed = rulesOf((truths.length === 0 ? counted : roots).filter((finding) => !isTrue(finding)));
  const said = hits[0]?.location;
  const lines = truths.filter(({ rule, lines }) => found.includes(rule) && lines.length > 0);
  return {
    outcome: outcomeOf(report, truths.length === 0, found.length > 0, blamed.length > 0),
    found,
    rightLine:
      lines.length === 0 ? null : lines.every((one) => hits.some((finding) => finding.rule === one.rule && pointsAt(finding, one))),
    said: said ? `${said.file}:${said.line}` : null,
    blamed,
    nursery,
  };
}

/** One entry per illness; none of a healthy server. */
export function truthsOf({ rule, lines, also = [] }: Truth): { rule: RuleId; lines: Truth['lines'] }[] {
  return rule === null ? [] : [{ rule, lines }, ...also];
}

function outcomeOf(report: Report, isHealthy: boolean, found: boolean, blamed: boolean): Outcome {
  if (found) return blamed ? 'mixed' : 'right';
  if (report.verdict === 'inconclusive') return 'inconclusive';
  if (isHealthy) return blamed ? 'false-alarm' : 'silent';
  return blamed ? 'wrong' : 'missed';
}

function pointsAt({ location }: Finding, { lines }: Pick<Truth, 'lines'>): boolean {
  return lines.some(({ file, line }) => location?.file === file && location.line === line);
}

function rulesOf(findings: readonly Finding[]): RuleId[] {
  return [...new Set(findings.map(({ rule }) => rule))];
}
