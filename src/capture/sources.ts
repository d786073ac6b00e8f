import type { Documents, SourceDocument, SourceLocation } from '../model/recording.js';
import { linesWithoutSecrets } from './secrets.js';

const MOST_FUNCTIONS = 60;
const LINES_BEFORE = 3;
/** A function's first line is known, its last is not: enough for its body, cut where the next snippet begins. */
const LINES_AFTER = 60;
const LONGEST_LINE = 300;
/** Where modules keep what lives as long as they do. */
const HEAD_LINES = 40;

/**
 * The pieces of the user's own source that findings may point at: the functions seen most in profiles, call sites and heap stacks.
 * Text that looks like a secret is replaced, since recordings are passed around.
 */
export function collectSources(documents: Documents, linesOf: (location: SourceLocation) => readonly string[]): SourceDocument[] {
  const weights = new Map<string, { location: SourceLocation; weight: number }>();
  const count = (location: SourceLocation, weight: number): void => {
    if (location.source !== 'app' || location.line < 1) return;
    const key = `${location.file}:${location.line}`;
    const known = weights.get(key);
    if (known) known.weight += weight;
    else weights.set(key, { location, weight });
  };
  for (const profile of documents.profiles) {
    for (const node of profile?.nodes ?? []) {
      count(node.location, 1);
      for (const [line, samples] of node.ticks) count({ ...node.location, line }, samples);
    }
  }
  for (const profile of documents.heapProfiles) {
    const total = profile?.stacks.reduce((sum, stack) => sum + (stack.liveBytes.at(-1) ?? 0), 0) ?? 0;
    for (const stack of profile?.stacks ?? [])
      for (const frame of stack.frames) count(frame, (1000 * (stack.liveBytes.at(-1) ?? 0)) / Math.max(1, total));
  }
  // Few sites, each named by some finding or other: they go before the long tail of profile ticks.
  for (const site of documents.sites) for (const frame of site.frames.slice(0, 12)) count(frame, 50);
  for (const block of documents.blocks ?? []) for (const frame of block.frames.slice(0, 12)) count(frame, 50);
  const heaviest = [...weights.values()].sort((a, b) => b.weight - a.weight).slice(0, MOST_FUNCTIONS);
  return snippets(
    heaviest.map(({ location }) => location),
    linesOf,
  );
}

function snippets(locations: readonly SourceLocation[], linesOf: (location: SourceLocation) => readonly string[]): SourceDocument[] {
  const wanted = new Map<string, { text: readonly string[]; lines: Set<number> }>();
  for (const location of locations) {
    const file = wanted.get(location.file) ?? { text: linesOf(location), lines: new Set<number>(range(1, HEAD_LINES)) };
    for (let line = Math.max(1, location.line - LINES_BEFORE); line <= location.line + LINES_AFTER; line++) file.lines.add(line);
    wanted.set(location.file, file);
  }
  return [...wanted].flatMap(([file, { text, lines }]) =>
    cut(
      file,
      linesWithoutSecrets(text),
      [...lines].sort((a, b) => a - b),
    ),
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Runs of wanted lines, each one snippet. */
function cut(file: string, text: readonly string[], wanted: readonly number[]): SourceDocument[] {
  const found: SourceDocument[] = [];
  for (const line of wanted) {
    if (line > text.length) break;
    const last = found.at(-1);
    const shown = text[line - 1]!.slice(0, LONGEST_LINE);
    if (last && last.firstLine + last.lines.length === line) last.lines.push(shown);
    else found.push({ file, firstLine: line, lines: [shown] });
  }
  return found;
}
