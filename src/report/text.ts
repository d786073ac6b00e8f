/** Nothing longer than this from a recording is worth laying out. */
const LONGEST_TEXT = 4_000;

/**
 * Characters that a terminal or a reader's eye obeys instead of shows: C0/C1 controls (ESC among them), bidirectional marks,
 * zero-width and other invisible characters, line separators, private use, lone surrogates, noncharacters.
 */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;
/** More combining marks than this on one letter only hide the lines around it. */
const PILED_MARKS = /(\p{M}{2})\p{M}+/gu;

/** Most text; the tables of Unicode are slow to ask. */
const PLAIN = /^[ -~]*$/;

/** Text from a recording made safe to print on one line: what can't be shown becomes U+FFFD, line breaks and tabs a space. */
export function showable(text: string): string {
  const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  if (PLAIN.test(short)) return short;
  return short
    .replace(/\r\n|[\t\n\r]/g, ' ')
    .replace(UNSHOWABLE, '\ufffd')
    .replace(PILED_MARKS, '$1');
}

/** A line of source code: as `showable`, with tabs as two spaces. */
export function showableCode(line: string): string {
  return showable(line.replaceAll('\t', '  '));
}

/** Terminal cells that a showable text takes: wide East Asian characters and emoji take two, combining marks none. */
export function cells(text: string): number {
  let count = 0;
  for (const char of text) count += cellsOf(char.codePointAt(0)!);
  return count;
}

/** Shortens in the middle, where names differ least: "GET /api/…/orders". */
export function middle(text: string, width: number): string {
  if (cells(text) <= width) return text;
  if (width <= 1) return width === 1 ? '…' : '';
  const room = width - 1;
  const tail = takeEnd(text, Math.ceil(room / 2));
  return `${takeStart(text, room - cells(tail))}…${tail}`;
}

/** Shortens at the end. */
export function clip(text: string, width: number): string {
  if (cells(text) <= width) return text;
  return width < 1 ? '' : `${takeStart(text, width - 1)}…`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - cells(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - cells(text))) + text;
}

/** A space, but not between a number and its unit. */
const BREAKABLE = /(?<!\d) +| +(?!(?:%|ms|s|min|[KMGT]?B|req)(?!\w))/;

/** Breaks at spaces into lines of at most `width` cells; a word longer than a line is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BREAKABLE)) {
    if (word === '') continue;
    const joined = line === '' ? word : `${line} ${word}`;
    if (cells(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    let rest = word;
    while (cells(rest) > width) {
      const head = takeStart(rest, width) || [...rest][0]!;
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = rest;
  }
  if (line !== '') lines.push(line);
  return lines.length > 0 ? lines : [''];
}

/** Parts on as few lines as fit; a separator never begins a line. */
export function joined(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && cells(last + separator + part) <= width) lines[lines.length - 1] = last + separator + part;
    else lines.push(middle(part, width));
  }
  return lines;
}

function takeStart(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const char of text) {
    used += cellsOf(char.codePointAt(0)!);
    if (used > width) break;
    taken += char;
  }
  return taken;
}

function takeEnd(text: string, width: number): string {
  const chars = [...text];
  let used = 0;
  let from = chars.length;
  while (from > 0) {
    used += cellsOf(chars[from - 1]!.codePointAt(0)!);
    if (used > width) break;
    from--;
  }
  return chars.slice(from).join('');
}

const COMBINING = /^\p{M}$/u;
const EMOJI = /^\p{Emoji_Presentation}$/u;

function cellsOf(code: number): number {
  if (code < 0x300) return 1;
  // Unicode TR11, "W" and "F": Hangul Jamo, CJK, Yi, Hangul, compatibility, full-width forms, ideographic planes.
  if (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0x303e) ||
    (code >= 0x3041 && code <= 0xa4cf) ||
    (code >= 0xa960 && code <= 0xa97c) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x20000 && code <= 0x3fffd)
  )
    return 2;
  const char = String.fromCodePoint(code);
  if (COMBINING.test(char)) return 0;
  return EMOJI.test(char) ? 2 : 1;
}
