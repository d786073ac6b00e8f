import type { Recording, SourceLocation } from '../model/recording.js';
import { atLine, type Callee } from './hot-frame.js';

/** How far below a function's first line its body is searched. */
const BODY_LINES = 150;

/**
 * Moves a location from its function's first line to the line that calls `callee`, where the recorded source shows exactly such a call.
 * V8's profiler knows the function that called into native code, not the line.
 */
export function lineOfCall(recording: Recording, location: SourceLocation, callee: Callee): SourceLocation {
  const { name } = callee;
  if (name.startsWith(PATTERN)) {
    // The pattern itself stands in the line, or in a constant above the function.
    const literal = `/${name.slice(PATTERN.length)}/`;
    const inLine = firstLineMatching(recording, location, (text) => text.includes(literal));
    return inLine ?? firstLineMatching(recording, location, (text) => MATCHING.test(text)) ?? location;
  }
  const call = callOf(name);
  const named = call && firstLineMatching(recording, location, (text) => call.test(text));
  if (named) return named;
  const { source, file, line } = callee.location;
  // Node's own functions need not bear the name they are called by: gzipSync is a syncBufferWrapper.
  const blocking = source === 'node' ? firstLineMatching(recording, location, (text) => BLOCKING.test(text)) : null;
  // A minified dependency has its own names; where the function calls only in one place, that is it.
  const only = source === 'dependency' || source === 'node' ? onlyCall(recording, location) : null;
  if (blocking || only) return blocking ?? only!;
  // A function without a name is written where it is handed over.
  const inside = !call && file === location.file && line > location.line && line < location.line + BODY_LINES;
  return inside ? atLine(location, line) : location;
}

/** Matches text that calls a function of that name; null for one that has none. */
export function callOf(name: string): RegExp | null {
  const last = name.split(/[.\s]/).pop() ?? '';
  return /^#?[\w$]+$/.test(last) ? new RegExp(`(^|[^\\w$])${last.replace(/\$/g, '\\$&')}\\s*\\(`) : null;
}

const CALLING = /[\w$\])]\s*\(/;
const NO_CALL = /\b(?:if|for|while|switch|catch|function|async|super)\s*\(/g;

/** The line below a function's first that calls anything; null where several do. */
function onlyCall(recording: Recording, location: SourceLocation): SourceLocation | null {
  const calling = new Set<number>();
  firstLineMatching(recording, location, (text, line) => {
    if (line > location.line && CALLING.test(text.replace(NO_CALL, ''))) calling.add(line);
    return false;
  });
  const [line] = calling;
  return calling.size === 1 ? atLine(location, line!) : null;
}

const BLOCKING = /([\w$]+Sync)\s*\(/;

/** What the user's line calls a function of Node's that runs below it: the name in the text, where it is another one. */
export function calledName(recording: Recording, location: SourceLocation, { name, location: { source } }: Callee): string {
  if (source !== 'node' || callOf(name)?.test(textOf(recording, location))) return name;
  return BLOCKING.exec(textOf(recording, location))?.[1] ?? name;
}

/** The recorded text of a function, without its comments; empty where it was not recorded. */
export function bodyOf(recording: Recording, location: SourceLocation): string {
  const lines: string[] = [];
  firstLineMatching(recording, location, (text) => {
    lines.push(text);
    return false;
  });
  return lines.join('\n');
}

/** The recorded text of a line; empty where it was not recorded. */
export function textOf(recording: Recording, { file, line }: Pick<SourceLocation, 'file' | 'line'>): string {
  for (const source of recording.documents.sources)
    if (source.file === file) {
      const text = source.lines[line - source.firstLine];
      if (text !== undefined) return text;
    }
  return '';
}

/** How V8's profiler names the code of a regular expression. */
const PATTERN = 'RegExp: ';
const MATCHING = /\.(test|exec|match|matchAll|replace|replaceAll|search|split)\s*\(/;

const LITERAL = /(?:^|[=(,:[!&|?\s])\/((?![*/])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])+)\/[dgimsuvy]*/;
const BY_NAME = /([\w$]+)\.(?:test|exec)\s*\(|\.(?:match|matchAll|replace|replaceAll|search|split)\s*\(\s*([\w$]+)\s*[,)]/;

/** The source of the regular expression that a line matches with, in the line itself or in the constant of that name; null where none is. */
export function patternIn(recording: Recording, file: string, text: string): string | null {
  if (!MATCHING.test(text)) return null;
  const literal = LITERAL.exec(text)?.[1];
  if (literal !== undefined) return literal;
  const [, tested, given] = BY_NAME.exec(text) ?? [];
  const name = tested ?? given;
  if (name === undefined) return null;
  const definition = new RegExp(`(?:^|[\\s.#])${name.replace(/\$/g, '\\$&')}\\s*[=:]\\s*/`);
  for (const source of recording.documents.sources) {
    const line = source.file === file ? source.lines.find((one) => definition.test(one)) : undefined;
    const found = line === undefined ? null : LITERAL.exec(line)?.[1];
    if (found) return found;
  }
  return null;
}

export function firstLineMatching(
  recording: Recording,
  location: SourceLocation,
  matches: (text: string, line: number) => boolean,
): SourceLocation | null {
  for (const source of recording.documents.sources) {
    const first = location.line - source.firstLine;
    if (source.file !== location.file || first < 0 || first >= source.lines.length) continue;
    const end = Math.min(source.lines.length, first + BODY_LINES, endOfBlock(source.lines, first));
    for (let i = first; i < end; i++) {
      const text = source.lines[i]!;
      // A definition names the function too; comments prove nothing.
      if (matches(text.replace(/\/\/.*$/, ''), source.firstLine + i) && !/^\s*(\*|\/\*)/.test(text))
        return atLine(location, source.firstLine + i);
    }
  }
  return null;
}

/** First line after the block that opens at `first`, by indentation: good enough for code that a formatter has seen. */
function endOfBlock(lines: readonly string[], first: number): number {
  const indent = indentOf(lines[first]!);
  for (let i = first + 1; i < lines.length; i++) {
    const text = lines[i]!;
    if (text.trim() !== '' && indentOf(text) <= indent && /^\s*[})\]]/.test(text)) return i + 1;
  }
  return lines.length;
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}
