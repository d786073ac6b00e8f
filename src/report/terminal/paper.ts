import { styleText } from 'node:util';
import { padEnd, showable, showableCode, wrap } from '../text.js';

export interface TerminalOptions {
  /** Cells per line; used as 60..200. */
  width: number;
  color: boolean;
  /** false: nothing but ASCII is printed. */
  unicode: boolean;
  /** All that was ruled out, not only the first few. */
  ruledOut?: boolean;
  /** Shown on the last line of counts. */
  exitCode?: number;
  /** Files written beside this report: [["report", "ddx-report.html"]]. */
  files?: (readonly [label: string, path: string])[];
}

export type Tone = 'strong' | 'dim' | 'bad' | 'good' | 'warn' | 'bar' | 'cause' | 'code';

const STYLES: Record<Tone, Parameters<typeof styleText>[0]> = {
  strong: 'bold',
  dim: 'dim',
  bad: ['bold', 'red'],
  good: ['bold', 'green'],
  warn: ['bold', 'yellow'],
  bar: 'cyan',
  cause: 'red',
  code: 'bold',
};

/** What all sections write on: how wide, in which glyphs, with which colours. */
export interface Paper {
  width: number;
  unicode: boolean;
  ruledOut: boolean;
  /** Colours text that is already laid out; never measure its result. */
  tone(tone: Tone, text: string): string;
  /** Text from a recording, safe to lay out. */
  clean(text: string): string;
  /** A line of source code, safe to lay out. */
  cleanCode(line: string): string;
  /** One of our own signs. */
  sign: Record<keyof typeof SIGNS, string>;
}

/** [Unicode, ASCII]. The Unicode ones are in every monospace font that Windows Terminal, macOS and Linux ship. */
const SIGNS = {
  bad: ['✗', 'x'],
  good: ['✓', 'ok'],
  unsure: ['?', '?'],
  bar: ['█', '#'],
  rest: ['▒', ':'],
  rule: ['│', '|'],
  under: ['▔', '^'],
  point: ['▸', '>'],
  elbow: ['└─', '`-'],
  bullet: ['·', '-'],
  sep: ['·', '-'],
  to: ['→', '->'],
  more: ['…', '...'],
  line: ['─', '-'],
} as const;

export function paperOf(options: TerminalOptions): Paper {
  const column = options.unicode ? 0 : 1;
  const sign = Object.fromEntries(Object.entries(SIGNS).map(([name, glyphs]) => [name, glyphs[column]])) as Paper['sign'];
  return {
    width: Math.max(60, Math.min(200, Math.floor(options.width) || 80)),
    unicode: options.unicode,
    ruledOut: options.ruledOut ?? false,
    tone: (tone, text) => (options.color && text !== '' ? styleText(STYLES[tone], text, { validateStream: false }) : text),
    clean: (text) => (options.unicode ? showable(text) : toAscii(showable(text))),
    cleanCode: (line) => (options.unicode ? showableCode(line) : toAscii(showableCode(line))),
    sign,
  };
}

/** Longer lines are hard to read. */
export const LONGEST_PROSE = 110;

/** A sentence on several lines, each indented; `hang` goes before the first one, in the indent's last cells. */
export function paragraph(paper: Paper, text: string, indent: number, hang = ''): string[] {
  const lines = wrap(paper.clean(text), Math.min(paper.width - indent, LONGEST_PROSE));
  return lines.map(
    (line, i) =>
      (i === 0 && hang !== '' ? padEnd(' '.repeat(Math.max(0, indent - hang.length - 1)) + hang, indent) : ' '.repeat(indent)) + line,
  );
}

const ASCII_FOR: Record<string, string> = {
  '…': '...',
  '·': '-',
  '→': '->',
  '←': '<-',
  '–': '-',
  '—': '-',
  '−': '-',
  '×': 'x',
  '≥': '>=',
  '≤': '<=',
  '≈': '~',
  '±': '+-',
  µ: 'u',
  μ: 'u',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\u2009': ' ',
};

function toAscii(text: string): string {
  return text.replace(NOT_ASCII, (char) => ASCII_FOR[char] ?? '?');
}

/** For signs that came in by shortening a laid-out text: one cell stays one cell. */
export function toAsciiCells(text: string): string {
  return text.replace(NOT_ASCII, (char) => (char === '…' ? '~' : char === '–' ? '-' : '?'));
}

const NOT_ASCII = /\P{ASCII}/gu;
