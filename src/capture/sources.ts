import { CREATES_POOL, POOL_OPTION_LINES } from '../model/pool-creation.js';
import type { Documents, SourceDocument, SourceLocation } from '../model/recording.js';
import { linesWithoutSecrets } from './secrets.js';

const MOST_FUNCTIONS = 60;
const LINES_BEFORE = 3;
/** A function's first line is known, its last is not: enough for its body, cut where the next snippet begins. */
const LINES_AFTER = 60;
const LONGEST_LINE = 300;
/** Where modules keep what lives as long as they do. */
const HEAD_LINES = 40;
const MOST_CREATIONS = 40;

type LinesOf = (location: Pick<SourceLocation, 'file'>) => readonly string[];

/** A line to keep, and how many after it. */
interface Wanted {
  file: string;
  line: number;
  after: number;
}

/**
 * The pieces of the user's own source that findings may point at: the functions seen most in profiles, call sites and heap stacks, and
 * where `ownFiles` create pools, which mostly happens before anybody looks. Text that looks like a secret is replaced, since recordings are passed around.
 */
export function collectSources(documents: Documents, linesOf: LinesOf, ownFiles: readonly string[]): SourceDocument[] {
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
  const seen = heaviest.map(({ location: { file, line } }): Wanted => ({ file, line, after: LINES_AFTER }));
  return snippets([...seen, ...creations(ownFiles, linesOf)], linesOf);
}

function creations(files: readonly string[], linesOf: LinesOf): Wanted[] {
  return files
    .flatMap((file) =>
      linesOf({ file }).flatMap((text, i) => (CREATES_POOL.test(text) ? [{ file, line: i + 1, after: POOL_OPTION_LINES }] : [])),
    )
    .slice(0, MOST_CREATIONS);
}

function snippets(places: readonly Wanted[], linesOf: LinesOf): SourceDocument[] {
  const wanted = new Map<string, { text: readonly string[]; lines: Set<number> }>();
  for (const { file, line: at, after } of places) {
    const known = wanted.get(file) ?? {
      text: linesOf({ file }),
      lines: new Set<number>(after === LINES_AFTER ? range(1, HEAD_LINES) : []),
    };
    for (let line = Math.max(1, at - LINES_BEFORE); line <= at + after; line++) known.lines.add(line);
    wanted.set(file, known);
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
