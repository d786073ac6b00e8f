import type { Report } from '../../model/report.js';
import { wordCount, wordMany } from '../../model/wording.js';
import { cells, joined, middle, padEnd, wrap } from '../text.js';
import { LONGEST_PROSE, type Paper, paragraph } from './paper.js';

const MOST_RULED_OUT = 6;

/** What it is not, each with the number that says so. */
export function ruledOut(report: Report, paper: Paper): string[] {
  const all = report.ruledOut;
  if (all.length === 0) return [];
  const shown = paper.ruledOut ? all : all.slice(0, MOST_RULED_OUT);
  const hidden = all.length - shown.length;
  return [
    `  ${paper.tone('strong', 'Ruled out')}`,
    ...table(
      shown.map(({ rule, because }) => [rule, because]),
      paper,
    ),
    ...(hidden > 0
      ? [`    ${paper.tone('dim', `${paper.sign.more} and ${wordCount(hidden)} more${' '.repeat(6)}ddx show --ruled-out`)}`]
      : []),
    '',
  ];
}

/** What could not be judged, and what would make it judgeable. */
export function notExamined(report: Report, paper: Paper): string[] {
  if (report.notExamined.length === 0) return [];
  const reasons = new Map<string, string[]>();
  for (const { rule, because, enable } of report.notExamined) {
    const reason = enable === undefined ? because : `${because} ${paper.sign.to} ${enable}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), rule]);
  }
  // One reason for many rules is said once.
  const shared = [...reasons].filter(([, rules]) => rules.length > 2);
  const single = [...reasons]
    .filter(([, rules]) => rules.length <= 2)
    .flatMap(([reason, rules]) => rules.map((rule): [string, string] => [rule, reason]));
  return [
    `  ${paper.tone('strong', 'Not examined')}`,
    ...shared.flatMap(([reason, rules]) => [
      ...paragraph(paper, reason, 4),
      ...paragraph(paper, rules.join(', '), 6).map((line) => paper.tone('dim', line)),
    ]),
    ...table(single, paper),
    '',
  ];
}

/** What may spoil the figures above, and what ddx itself cost. */
export function remarks(report: Report, paper: Paper): string[] {
  const warnings = report.warnings.flatMap((warning) => paragraph(paper, warning, 4, '!'));
  const overhead = paragraph(paper, `ddx itself: ${report.ddx.overhead.says} (depth ${report.ddx.depth})`, 2).map((line) =>
    paper.tone('dim', line),
  );
  return [...warnings, ...(warnings.length > 0 ? [''] : []), ...overhead];
}

/** Counts, and what to type next. */
export function footer(
  report: Report,
  exitCode: number | undefined,
  files: readonly (readonly [string, string])[],
  paper: Paper,
): string[] {
  const roles = { 'root-cause': 0, consequence: 0, contributing: 0 };
  for (const finding of report.findings) roles[finding.role]++;
  const counts = [
    report.findings.length === 0 ? 'nothing found' : wordMany(roles['root-cause'], 'root cause'),
    ...(roles.consequence > 0 ? [wordMany(roles.consequence, 'consequence')] : []),
    ...(roles.contributing > 0 ? [`${wordCount(roles.contributing)} contributing`] : []),
    ...(report.nursery.length > 0 ? [`${wordCount(report.nursery.length)} in the nursery`] : []),
    `${wordCount(report.ruledOut.length)} ruled out`,
    `${wordCount(report.notExamined.length)} not examined`,
  ];
  const exit = exitCode === undefined ? '' : `exit ${exitCode}`;
  const lines = joined(counts, ', ', paper.width - 2);
  const room = paper.width - 2 - cells(lines.at(-1)!) - cells(exit);
  const rule = report.findings.find((finding) => finding.role === 'root-cause')?.rule ?? report.findings[0]?.rule;
  const commands: (readonly [string, string])[] = [...(rule ? [['explain', `ddx explain ${paper.clean(rule)}`] as const] : []), ...files];
  const width = Math.max(8, ...commands.map(([label]) => cells(label)));
  return [
    ...lines.map((line, i) => {
      const beside = i === lines.length - 1 && room >= 2 ? ' '.repeat(room) + paper.tone('dim', exit) : '';
      return `  ${paper.tone('strong', line)}${beside}`;
    }),
    ...(room < 2 ? [`  ${paper.tone('dim', exit)}`] : []),
    ...commands.map(
      ([label, text]) => `  ${paper.tone('dim', padEnd(paper.clean(label), width))}  ${middle(paper.clean(text), paper.width - 4 - width)}`,
    ),
  ];
}

function table(rows: [string, string][], paper: Paper): string[] {
  const room = Math.min(34, Math.floor(paper.width * 0.4));
  const names = rows.map(([name]) => middle(paper.clean(name), room));
  const width = Math.max(0, ...names.map(cells)) + 2;
  return rows.flatMap(([, text], i) =>
    wrap(paper.clean(text), Math.min(paper.width - 4 - width, LONGEST_PROSE)).map(
      (line, k) => `    ${paper.tone('dim', padEnd(k === 0 ? names[i]! : '', width))}${line}`,
    ),
  );
}
