import type { Recording, SourceLocation } from '../model/recording.js';

/** A line that removes from a container by age or size. */
export interface Eviction extends SourceLocation {
  /** Entries the container may hold, where the source says so in a number; null where it does not, or goes by age. */
  mostEntries: number | null;
}

/** A container as the source names it ("sessions", "this.cache"), and where it is added to. */
interface Kept {
  location: SourceLocation;
  container: string | null;
}

/** What bounds a container is near the removal. */
const BOUND = /size|length|max|limit|expir|ttl|age\b|now\b|setTimeout|setInterval|evict|prune|sweep/i;
const NEAR_LINES = 3;

/** A container whose bound is this many times smaller than the number of requests would have been full long ago. */
const REQUESTS_PER_ENTRY = 4;

/** Whether the removal may still come to hold what grows; by age, or by a number not told, always. */
export function mayYetHold({ mostEntries }: Eviction, requests: number): boolean {
  return mostEntries === null || requests < REQUESTS_PER_ENTRY * mostEntries;
}

export function evictionOf(recording: Recording, kept: Kept): Eviction | null {
  const removal = (name: string) => `(${name}\\.(delete|shift|splice|pop|clear|off|removeListener)\\s*\\(|delete\\s+[\\w.]*${name}\\[)`;
  const near = (lines: readonly string[], i: number) => lines.slice(Math.max(0, i - NEAR_LINES), i + NEAR_LINES);
  const found = findOfContainer(recording, kept, removal, near);
  return found && { ...found.at, mostEntries: mostEntries(recording, kept.location.file, found.around) };
}

/** Where the container is made with a bound of its own: `new LRUCache({ max: 500 })`. */
export function boundOf(recording: Recording, kept: Kept): SourceLocation | null {
  const making = (name: string) => `${name}\\s*(:[^=]*)?=\\s*new\\s+[\\w.$]+\\s*(<.*>)?\\s*\\(\\s*({|\\d)`;
  const near = (lines: readonly string[], i: number) => [lines[i]!.replace(/^.*=\s*new\s/, ''), ...lines.slice(i + 1, i + NEAR_LINES)];
  return findOfContainer(recording, kept, making, near)?.at ?? null;
}

/** The first line of the container's file that matches, with one of the lines around it speaking of a bound. */
function findOfContainer(
  recording: Recording,
  { location, container }: Kept,
  pattern: (escapedName: string) => string,
  near: (lines: readonly string[], i: number) => readonly string[],
): { at: SourceLocation; around: readonly string[] } | null {
  const name = container?.split(/[.[?]/).findLast((part) => /^[#\w$]+$/.test(part));
  if (!name) return null;
  const wanted = new RegExp(`(^|[^\\w$])${pattern(name.replace(/[$]/g, '\\$&'))}`);
  for (const { file, firstLine, lines } of recording.documents.sources) {
    if (file !== location.file) continue;
    const i = lines.findIndex((text, at) => wanted.test(text) && near(lines, at).some((line) => BOUND.test(line)));
    if (i < 0) continue;
    return { at: { file, line: firstLine + i, function: location.function, source: location.source }, around: near(lines, i) };
  }
  return null;
}

const COMPARED = /(?:size|length|count)\s*(?:\(\s*\)\s*)?(?:>=?|===?)\s*(?:this\.#?|self\.)?([\w$]+)/i;

function mostEntries(recording: Recording, file: string, around: readonly string[]): number | null {
  const bound = around.map((line) => COMPARED.exec(line)?.[1]).find((found) => found !== undefined);
  if (bound === undefined) return null;
  return /^\d/.test(bound) ? numberOf(bound) : constantOf(recording, file, bound);
}

/** `const MOST = 5_000`, `max: 500`, `limit = 10 * 1000`. */
function constantOf(recording: Recording, file: string, name: string): number | null {
  const definition = new RegExp(
    `(?:^|[^\\w$])${name.replace(/[$]/g, '\\$&')}\\s*(?::\\s*number\\s*)?[=:]\\s*(\\d[\\d_]*(?:\\s*\\*\\s*\\d[\\d_]*)*)[\\s;,)}\\]]*(?://.*)?$`,
  );
  for (const source of recording.documents.sources) {
    if (source.file !== file) continue;
    for (const line of source.lines) {
      const value = definition.exec(line)?.[1];
      if (value !== undefined) return numberOf(value);
    }
  }
  return null;
}

function numberOf(product: string): number | null {
  const value = product.split('*').reduce((all, factor) => all * Number(factor.trim().replaceAll('_', '')), 1);
  return Number.isFinite(value) ? value : null;
}
