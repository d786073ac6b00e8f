import { chainsOf, type Link } from '../../model/chain.js';
import { costWords } from '../../model/cost.js';
import { placeWords } from '../../model/place.js';
import type { Finding, Report } from '../../model/report.js';
import { wordCount, wordMany, wordMs, wordShare, wordValue } from '../../model/wording.js';
import { cells, clip, joined, middle, padStart, wrap } from '../text.js';
import { codeFrame } from './frame.js';
import { LONGEST_PROSE, type Paper, paragraph } from './paper.js';

/** Told in full; of the rest a line each. */
const MOST_CHAINS = 5;
const MOST_BRIEF = 20;
const MOST_EFFECTS = 5;

/** Root causes with what follows from each; then what only contributes. */
export function findings(report: Report, paper: Paper): string[] {
  const chains = chainsOf(report.findings);
  const main = chains.filter((link) => link.finding.role !== 'contributing');
  const minor = chains.filter((link) => link.finding.role === 'contributing');
  return [...told(main, paper), ...(minor.length > 0 ? [`  ${paper.tone('strong', 'Contributing')}`, '', ...told(minor, paper)] : [])];
}

function told(chains: Link[], paper: Paper): string[] {
  const rest = chains.slice(MOST_CHAINS);
  const hidden = rest.length - MOST_BRIEF;
  return [
    ...chains.slice(0, MOST_CHAINS).flatMap((link) => [...tree(link, 2, paper), '']),
    ...rest.slice(0, MOST_BRIEF).flatMap((link) => brief(link.finding, paper)),
    ...(hidden > 0 ? [`    ${paper.tone('dim', `${paper.sign.more} and ${wordMany(hidden, 'more finding')}`)}`] : []),
    ...(rest.length > 0 ? [''] : []),
  ];
}

/** Rules that are not trusted yet speak apart, and briefly. */
export function nursery(report: Report, paper: Paper): string[] {
  if (report.nursery.length === 0) return [];
  const head = `  ${paper.tone('strong', 'In the nursery')}${paper.tone('dim', '   hints of rules still on probation')}`;
  return [head, ...report.nursery.flatMap((finding) => brief(finding, paper)), ''];
}

function tree(link: Link, indent: number, paper: Paper): string[] {
  const deeper = Math.min(indent + 5, 22);
  const hidden = link.effects.length - MOST_EFFECTS;
  return [
    ...one(link.finding, indent, paper),
    ...link.effects.slice(0, MOST_EFFECTS).flatMap((effect) => ['', ...tree(effect, deeper, paper)]),
    ...(hidden > 0 ? [`${' '.repeat(deeper)}${paper.tone('dim', `${paper.sign.more} and ${wordMany(hidden, 'more consequence')}`)}`] : []),
  ];
}

function one(finding: Finding, indent: number, paper: Paper): string[] {
  const body = indent + 2;
  const frame = codeFrame(finding, body, paper);
  return [
    ...heading(finding, indent, paper),
    ...paragraph(paper, finding.summary, body),
    ...(frame.length > 0 ? ['', ...frame, ''] : []),
    ...finding.evidence.flatMap((evidence) => paragraph(paper, evidence.says, body + 2, paper.sign.bullet)),
    ...suffers(finding, body, paper),
    ...finding.fixes.flatMap((fix) => fixLines(fix, body, paper)),
  ];
}

/** Title with the confidence at the right edge, or below it where there is no room; then what the rule is and how much it explains. */
function heading(finding: Finding, indent: number, paper: Paper): string[] {
  const follows = finding.role === 'consequence';
  const mark = follows ? `${paper.sign.elbow} ` : `${finding.role === 'root-cause' ? paper.sign.bad : paper.sign.point} `;
  const lead = Math.max(0, follows ? indent - 3 : indent);
  const sure = `${finding.role === 'root-cause' ? 'root cause, ' : ''}confidence ${Number.isFinite(finding.confidence) ? finding.confidence.toFixed(2) : 'unknown'}`;
  const words = `${follows ? 'follows: ' : ''}${paper.clean(finding.title)}`;
  const gap = paper.width - lead - cells(mark) - cells(words) - cells(sure);
  const beside = gap >= 2;
  const tone = finding.role === 'root-cause' ? 'bad' : 'strong';
  const body = indent + 2;
  const lines = beside ? [words] : wrap(words, paper.width - body).slice(0, 3);
  const titles = lines.map((line, i) =>
    i === 0 ? ' '.repeat(lead) + paper.tone(tone, mark + line) : ' '.repeat(body) + paper.tone(tone, line),
  );
  if (beside) titles[0] += ' '.repeat(gap) + paper.tone('dim', sure);
  const about = [
    finding.rule,
    ...(finding.kind === undefined ? [] : [finding.kind]),
    ...(beside ? [] : [sure]),
    costWords(finding),
    ...(finding.route === undefined ? [] : [finding.route]),
  ];
  const separator = ` ${paper.sign.sep} `;
  return [
    ...titles,
    ...joined(about.map(paper.clean), separator, paper.width - body).map((line) => ' '.repeat(body) + paper.tone('dim', line)),
  ];
}

const MOST_SUFFERERS = 4;

function suffers(finding: Finding, body: number, paper: Paper): string[] {
  if (!finding.suffers || finding.suffers.length === 0) return [];
  const shown = finding.suffers.slice(0, MOST_SUFFERERS).map((route) => middle(paper.clean(route), 48));
  const hidden = finding.suffers.length - shown.length;
  return labelled('suffers', `${shown.join(', ')}${hidden > 0 ? ` and ${wordCount(hidden)} more` : ''}`, body, paper);
}

const MOST_CODE_LINES = 12;

function fixLines(fix: Finding['fixes'][number], body: number, paper: Paper): string[] {
  const all = (fix.code ?? '').split('\n').filter((line) => line.trim() !== '');
  const code = all.length > MOST_CODE_LINES ? [...all.slice(0, MOST_CODE_LINES - 1), paper.sign.more] : all;
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
  const place = finding.location ? `   ${placeWords(finding.location)}` : '';
  const share = `${wordShare(finding.confidence)} sure`;
  const words = clip(`${paper.sign.unsure} ${paper.clean(finding.title)}${paper.clean(place)}`, paper.width - 6 - cells(share));
  const first = finding.evidence[0];
  const says = finding.summary || (first ? `${first.says} (${wordValue(first.value, first.unit)})` : '');
  return [
    `    ${words}${padStart(share, paper.width - 4 - cells(words))}`,
    ...paragraph(paper, says, 6).map((line) => paper.tone('dim', line)),
  ];
}
