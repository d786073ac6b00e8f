import { type Paper, paperOf, type TerminalOptions, type Tone, toAsciiCells } from '../terminal/paper.js';
import { cells, clip, padEnd, wrap } from '../text.js';
import { type Block, type Inline, parseExplanation, parseInline } from './parse.js';

const INDENT = 2;
/** Longer lines are hard to read. */
const LONGEST_LINE = 96;

/** What stands between two spaces. */
type Word = { text: string; tone: Tone | null }[];

/** A rule's page for a terminal: prose wrapped, code as it is, tables in columns. Lines are at most `width` cells (60..200). */
export function renderExplanation(markdown: string, options: TerminalOptions): string {
  const paper = paperOf(options);
  const blocks = parseExplanation(markdown);
  const lines = blocks.flatMap((block, i) => [...(i === 0 || block.is === 'heading' ? [''] : []), ...blockLines(block, paper), '']);
  const text = lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd();
  return `${options.unicode ? text : toAsciiCells(text)}\n`;
}

function blockLines(block: Block, paper: Paper): string[] {
  const gap = ' '.repeat(INDENT);
  const room = Math.min(paper.width - INDENT, LONGEST_LINE);
  switch (block.is) {
    case 'heading': {
      const words = wordsOf(block.text, paper).map((word): Word => word.map(({ text }) => ({ text, tone: 'strong' })));
      const lines = filled(words, room, paper).map((line) => gap + line);
      return block.level > 1
        ? lines
        : [...lines, gap + paper.tone('dim', paper.sign.line.repeat(Math.min(room, cells(plain(block.text, paper)))))];
    }
    case 'paragraph':
      return filled(wordsOf(block.text, paper), room, paper).map((line) => gap + line);
    case 'list':
      return block.items.flatMap(({ mark, text }) => {
        const lead = /\d/.test(mark) ? mark : paper.sign.bullet;
        return filled(wordsOf(text, paper), room - cells(lead) - 1, paper).map(
          (line, i) => `${gap}${i === 0 ? lead : ' '.repeat(cells(lead))} ${line}`,
        );
      });
    case 'code':
      return block.lines.map((line) => `${gap}  ${paper.tone('bar', clip(paper.cleanCode(line), paper.width - INDENT - 2))}`);
    case 'table':
      return tableLines(block.head, block.rows, paper).map((line) => gap + line);
  }
}

const TONES: Record<Inline['style'], Tone | null> = { plain: null, strong: 'strong', code: 'bar', link: 'strong' };

/** Words in their tones; where a link leads stands behind it. What follows a styled word without a space is part of that word. */
function wordsOf(text: string, paper: Paper): Word[] {
  const words: Word[] = [];
  let glued = false;
  for (const part of parseInline(text)) {
    const shown = paper.clean(part.style === 'link' && part.href !== part.text ? `${part.text} (${part.href})` : part.text);
    for (const [i, piece] of shown.split(/ +/).entries()) {
      if (piece === '') continue;
      const span = { text: piece, tone: TONES[part.style] };
      if (i === 0 && glued) words.at(-1)!.push(span);
      else words.push([span]);
    }
    glued = words.length > 0 && !shown.endsWith(' ');
  }
  return words;
}

/** Words on lines of at most `room` cells; a word that is longer is cut. */
function filled(words: readonly Word[], room: number, paper: Paper): string[] {
  const lines: string[] = [];
  let used = 0;
  for (const word of words) {
    let width = 0;
    const shown = word.map(({ text, tone }) => {
      const fitting = room > width ? clip(text, room - width) : '';
      width += cells(fitting);
      return { text: fitting, tone };
    });
    const drawn = shown.map(({ text, tone }) => (tone ? paper.tone(tone, text) : text)).join('');
    if (lines.length > 0 && used + 1 + width <= room) {
      lines[lines.length - 1] += ` ${drawn}`;
      used += 1 + width;
    } else {
      lines.push(drawn);
      used = width;
    }
  }
  return lines;
}

/** Columns as wide as their widest cell; where that is too wide the widest is wrapped. */
function tableLines(head: readonly string[], rows: readonly string[][], paper: Paper): string[] {
  const texts = [head, ...rows].map((row) => head.map((_, i) => plain(row[i] ?? '', paper)));
  const widths = head.map((_, i) => Math.max(1, ...texts.map((row) => cells(row[i]!))));
  const over = widths.reduce((sum, width) => sum + width + 2, INDENT) - paper.width;
  for (let excess = over; excess > 0; excess = widths.reduce((sum, width) => sum + width + 2, INDENT) - paper.width) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= MIN_COLUMN) break;
    widths[widest] = Math.max(MIN_COLUMN, widths[widest]! - excess);
  }
  return texts.flatMap((row, r) => {
    const columns = row.map((text, i) => wrap(text, widths[i]!));
    const height = Math.max(...columns.map((column) => column.length));
    const lines = Array.from({ length: height }, (_, line) =>
      columns
        .map((column, i) => padEnd(column[line] ?? '', widths[i]!))
        .join('  ')
        .trimEnd(),
    );
    return lines.map((line) => clip(line, paper.width - INDENT)).map((line) => (r === 0 ? paper.tone('dim', line) : line));
  });
}

const MIN_COLUMN = 6;

function plain(text: string, paper: Paper): string {
  return parseInline(paper.clean(text))
    .map((part) => part.text)
    .join('');
}
