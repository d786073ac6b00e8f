import { costWords } from '../../model/cost.js';
import { accusedPart, placeWords } from '../../model/place.js';
import type { Finding } from '../../model/report.js';
import { cells, clip, middle, padStart } from '../text.js';
import type { Paper } from './paper.js';

/** The user's own lines with the accused one marked; only the place where the source is not known. */
export function codeFrame(finding: Finding, indent: number, paper: Paper): string[] {
  const location = finding.location;
  if (!location) return [];
  const gap = ' '.repeat(indent);
  const place = placeWords(location);
  const where = location.function ? `  ${location.function}` : '';
  const head = `${gap}    ${paper.tone('strong', middle(paper.clean(place), paper.width - indent - 4))}${paper.tone('dim', clip(paper.clean(where), Math.max(0, paper.width - indent - 4 - cells(place))))}`;
  const frame = location.frame;
  if (!frame || frame.lines.length === 0) return [head];
  const digits = String(frame.firstLine + frame.lines.length - 1).length;
  const room = paper.width - indent - 4 - digits - 3;
  const lines = frame.lines.flatMap((line, i) => {
    const number = frame.firstLine + i;
    const accused = number === frame.highlight;
    const text = clip(paper.cleanCode(line), room);
    const gutter = padStart(String(number), digits);
    if (!accused) return [`${gap}    ${paper.tone('dim', `${gutter} ${paper.sign.rule} ${text}`)}`];
    const marked = `${gap}  ${paper.tone('bad', paper.sign.point)} ${paper.tone('strong', gutter)} ${paper.tone('dim', paper.sign.rule)} ${paper.tone('code', text)}`;
    const margin = `${gap}    ${' '.repeat(digits)} ${paper.tone('dim', paper.sign.rule)} `;
    return [marked, ...annotation(finding, line, room, paper).map((note) => margin + note)];
  });
  return [head, ...lines];
}

/** Underlines the accused expression and says what it costs; on a line of its own where there is no room beside it. */
function annotation(finding: Finding, line: string, room: number, paper: Paper): string[] {
  const [from, to] = accusedPart(line, finding.location?.column);
  const start = Math.min(cells(paper.cleanCode(line.slice(0, from))), room - 1);
  const length = Math.max(1, Math.min(cells(paper.cleanCode(line.slice(from, to))), room - start));
  const under = ' '.repeat(start) + paper.tone('bad', paper.sign.under.repeat(length));
  const says = clip(costWords(finding), room);
  const beside = start + length + 1 + cells(says) <= room;
  if (beside) return [`${under} ${paper.tone('bad', says)}`];
  return [under, ' '.repeat(Math.min(start, room - cells(says))) + paper.tone('bad', says)];
}
