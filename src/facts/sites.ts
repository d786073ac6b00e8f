import type { Recording, SourceLocation } from '../model/recording.js';

/** The user's own line that a recorded call came from; a dependency's where none is on the stack; null for site -1. */
export function callSite(recording: Recording, site: number): SourceLocation | null {
  const frames = recording.documents.sites[site]?.frames ?? [];
  return frames.find((frame) => frame.source === 'app') ?? frames.find((frame) => frame.source === 'dependency') ?? null;
}

/** The call site that most of the rows have, by weight; ties go to the first. */
export function heaviestSite<T>(
  recording: Recording,
  rows: readonly T[],
  siteOf: (row: T) => number,
  weightOf: (row: T) => number,
): SourceLocation | null {
  const weights = new Map<string, { location: SourceLocation; weight: number }>();
  for (const row of rows) {
    const location = callSite(recording, siteOf(row));
    if (!location) continue;
    const key = `${location.source} ${location.file}:${location.line}`;
    const known = weights.get(key) ?? { location, weight: 0 };
    known.weight += weightOf(row);
    weights.set(key, known);
  }
  const own = [...weights.values()].sort(
    (a, b) => Number(b.location.source === 'app') - Number(a.location.source === 'app') || b.weight - a.weight,
  );
  return own[0]?.location ?? null;
}
