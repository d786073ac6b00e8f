import type { Recording } from '../model/recording.js';

/** `const user = await load(id);` or `[a, b] = await ...`: what the result is bound to. */
const BINDING = /^\s*(?:(?:const|let|var)\s+)?([\w$]+|\{[^}]*\}|\[[^\]]*\])\s*(?::[^=]+)?=\s*await\b/;
/** `await pool.query(`: whose method it is. */
const RECEIVER = /\bawait\s+([\w$]+)\s*\./;
/** An object bound by an await of its own is a connection, a transaction, a file: it does one thing at a time. */
const LOOK_BACK_LINES = 60;

/**
 * Whether the await that stands at `second` could begin before the one at `first` has its answer, as far as the text tells: both stand in
 * the same block, and nothing from the one to the other mentions what the first was bound to. Lines count from 1; null where the recorded
 * source does not tell.
 */
export function independent(recording: Recording, file: string, first: number, second: number): boolean | null {
  const lineAt = reader(recording, file);
  const one = statementAt(lineAt, first);
  const two = statementAt(lineAt, second);
  if (!one || !two || two.from <= one.to) return null;
  const bound = BINDING.exec(one.text)?.[1]?.match(/[\w$]+/g);
  if (!bound || !/\bawait\b/.test(two.text)) return null;
  if (one.indent !== two.indent) return null;
  let between = '';
  for (let line = one.to + 1; line <= two.to; line++) {
    const text = lineAt(line);
    if (text === null) return null;
    if (text.trim() && indentOf(text) < one.indent) return null;
    between += `${text}\n`;
  }
  const mentioned = new Set(between.replace(/\/\/.*$/gm, '').match(/[\w$]+/g));
  if (bound.some((name) => mentioned.has(name))) return false;
  const receiver = RECEIVER.exec(one.text)?.[1];
  return !(receiver && receiver === RECEIVER.exec(two.text)?.[1] && isAwaited(lineAt, receiver, one.from));
}

interface Statement {
  from: number;
  to: number;
  indent: number;
  text: string;
}

/** By indentation, which is good enough for code that a formatter has seen: from the binding down to where it ends. */
function statementAt(lineAt: (line: number) => string | null, line: number): Statement | null {
  let from = line;
  let text = lineAt(from);
  while (text !== null && !BINDING.test(text) && !/^\s*(return|await)\b/.test(text)) {
    if (from <= line - 8) return null;
    text = lineAt(--from);
  }
  if (text === null) return null;
  const indent = indentOf(text);
  let to = from;
  let whole = text;
  while (!/;\s*(\/\/.*)?$/.test(lineAt(to) ?? ';')) {
    const next = lineAt(to + 1);
    if (next === null || (next.trim() && indentOf(next) < indent)) break;
    // Code without semicolons: the next statement begins at the same depth with a word.
    if (/^\s*\w/.test(next) && indentOf(next) === indent) break;
    whole += `\n${next}`;
    to++;
  }
  return line <= to ? { from, to, indent, text: whole } : null;
}

function isAwaited(lineAt: (line: number) => string | null, name: string, before: number): boolean {
  for (let line = before; line > before - LOOK_BACK_LINES; line--) {
    const bound = BINDING.exec(lineAt(line) ?? '')?.[1];
    if (bound?.match(/[\w$]+/g)?.includes(name)) return true;
  }
  return false;
}

function reader(recording: Recording, file: string): (line: number) => string | null {
  const snippets = recording.documents.sources.filter((source) => source.file === file);
  return (line) => {
    for (const { firstLine, lines } of snippets) {
      const text = lines[line - firstLine];
      if (text !== undefined) return text;
    }
    return null;
  };
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}
