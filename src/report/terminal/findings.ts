import type { Finding, Report } from '../../model/report.js';
import { wordMs, wordShare, wordValue } from '../../model/wording.js';
import { chainsOf, type Link } from '../chain.js';
import { cells, clip, middle, padStart, wrap } from '../text.js';
import { codeFrame, costWords } from './frame.js';
import { LONGEST_PROSE, type Paper, paragraph } from './paper.js';

/** Root causes with what follows from each; then what only contributes. */
export function findings(report: Report, paper: Paper): string[] {
  const chains = chainsOf(report.findings);
  const main = chains.filter((link) => link.finding.role !== 'contributing');
  const minor = chains.filter((link) => link.finding.role === 'contributing');
  return [
    ...main.flatMap((link) => [...tree(link, 2, paper), '']),
    ...(minor.length > 0
      ? [`  ${paper.tone('strong', 'Contributing')}`, '', ...minor.flatMap((link) => [...tree(link, 2, paper), ''])]
      : []),
  ];
}

/** Rules that are not trusted yet speak apart, and briefly. */
export function nursery(report: Report, paper: Paper): string[] {
  if (report.nursery.length === 0) return [];
  const head = `  ${paper.tone('strong', 'In the nursery')}${paper.tone('dim', '   rules still on probation: a hint, never a verdict')}`;
  return [head, ...report.nursery.flatMap((finding) => brief(finding, paper)), ''];
}

function tree(link: Link, indent: number, paper: Paper): string[] {
  const deeper = Math.min(indent + 5, 22);
  return [...one(link.finding, indent, paper), ...link.effects.flatMap((effect) => ['', ...tree(effect, deeper, paper)])];
}

function one(finding: Finding, indent: number, paper: Paper): string[] {
  const body = indent + 2;
  const route = finding.route === undefined ? '' : ` ${paper.sign.sep} ${paper.clean(finding.route)}`;
  const about = middle(`${paper.clean(finding.rule)} ${paper.sign.sep} ${costWords(finding)}${route}`, paper.width - body);
  const frame = codeFrame(finding, body, paper);
  return [
    title(finding, indent, paper),
    `${' '.repeat(body)}${paper.tone('dim', about)}`,
    ...paragraph(paper, finding.summary, body),
    ...(frame.length > 0 ? ['', ...frame, ''] : []),
    ...finding.evidence.flatMap((evidence) => paragraph(paper, evidence.says, body + 2, paper.sign.bullet)),
    ...suffers(finding, body, paper),
    ...finding.fixes.flatMap((fix) => fixLines(fix, body, paper)),
  ];
}

function title(finding: Finding, indent: number, paper: Paper): string {
  const follows = finding.role === 'consequence';
  const mark = follows ? `${paper.sign.elbow} ` : finding.role === 'root-cause' ? `${paper.sign.bad} ` : `${paper.sign.point} `;
  const lead = follows ? indent - 3 : indent;
  const words = follows ? `follows: ${paper.clean(finding.title)}` : paper.clean(finding.title);
  const role = finding.role === 'root-cause' ? 'root cause, ' : '';
  const right = `${role}confidence ${finding.confidence.toFixed(2)}`;
  const room = paper.width - lead - cells(mark) - cells(right) - 2;
  const left = clip(words, Math.max(10, room));
  const gap = Math.max(2, paper.width - lead - cells(mark) - cells(left) - cells(right));
  const tone = finding.role === 'root-cause' ? 'bad' : 'strong';
  return `${' '.repeat(Math.max(0, lead))}${paper.tone(tone, mark + left)}${' '.repeat(gap)}${paper.tone('dim', right)}`;
}

function suffers(finding: Finding, body: number, paper: Paper): string[] {
  if (!finding.suffers || finding.suffers.length === 0) return [];
  const more = finding.suffers.length > 4 ? ` and ${finding.suffers.length - 4} more` : '';
  return labelled('suffers', `${finding.suffers.slice(0, 4).join(', ')}${more}`, body, paper);
}

function fixLines(fix: Finding['fixes'][number], body: number, paper: Paper): string[] {
  const code = (fix.code ?? '').split('\n').filter((line, i, all) => line.trim() !== '' || (i > 0 && i < all.length - 1));
  const prediction = fix.prediction;
  const predicted = prediction
    ? `${prediction.metric} ${wordMs(prediction.fromMs)} ${paper.sign.to} ${wordMs(prediction.toMs)}   (90 % interval ${wordMs(prediction.lowMs)} to ${wordMs(prediction.highMs)})`
    : '';
  return [
    '',
    ...labelled('fix', fix.says, body, paper, 'good'),
    ...code.map(
      (line) =>
        `${' '.repeat(body + LABEL_WIDTH)}${paper.tone('dim', paper.sign.rule)} ${clip(paper.cleanCode(line), paper.width - body - LABEL_WIDTH - 2)}`,
    ),
    ...(predicted ? labelled('predicted', predicted, body, paper) : []),
  ];
}

const LABEL_WIDTH = 11;

function labelled(label: string, text: string, body: number, paper: Paper, tone: 'good' | 'dim' = 'dim'): string[] {
  return wrap(paper.clean(text), Math.min(paper.width - body - LABEL_WIDTH, LONGEST_PROSE)).map((line, i) => {
    const lead = i === 0 ? paper.tone(tone, label) + ' '.repeat(LABEL_WIDTH - label.length) : ' '.repeat(LABEL_WIDTH);
    return `${' '.repeat(body)}${lead}${line}`;
  });
}

function brief(finding: Finding, paper: Paper): string[] {
  const place = finding.location ? `   ${finding.location.file}:${finding.location.line}` : '';
  const share = `${wordShare(finding.confidence)} sure`;
  const words = clip(`${paper.sign.unsure} ${paper.clean(finding.title)}${paper.clean(place)}`, paper.width - 6 - cells(share));
  const first = finding.evidence[0];
  const says = finding.summary || (first ? `${first.says} (${wordValue(first.value, first.unit)})` : '');
  return [
    `    ${words}${padStart(share, paper.width - 4 - cells(words))}`,
    ...paragraph(paper, says, 6).map((line) => paper.tone('dim', line)),
  ];
}
