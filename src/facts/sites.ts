import { lineOfCall } from '../ledger/source-line.js';
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
  const [heaviest] = own;
  if (!heaviest) return null;
  return heaviest.location.source === 'app' ? heaviest.location : (callerOfPackage(recording, heaviest.location) ?? heaviest.location);
}

/**
 * A library that works in steps of its own calls out when its caller is no longer on the stack. Who of the user's functions calls into
 * that package at all, the profile knows; null where nobody was seen.
 */
function callerOfPackage(recording: Recording, { file }: SourceLocation): SourceLocation | null {
  const wanted = packageOf(file);
  if (wanted === null) return null;
  const callers = new Map<string, { caller: SourceLocation; callee: SourceLocation; seen: number }>();
  for (const profile of recording.documents.profiles) {
    for (const { parent, location } of profile?.nodes ?? []) {
      const caller = profile!.nodes[parent]?.location;
      if (caller?.source !== 'app' || location.source !== 'dependency' || packageOf(location.file) !== wanted) continue;
      const key = `${caller.file}:${caller.line}`;
      const known = callers.get(key) ?? { caller, callee: location, seen: 0 };
      known.seen++;
      callers.set(key, known);
    }
  }
  const [most] = [...callers.values()].sort((a, b) => b.seen - a.seen);
  return most ? lineOfCall(recording, most.caller, { name: most.callee.function, location: most.callee }) : null;
}

/** "got" of "/app/node_modules/got/dist/index.js"; null outside of node_modules. */
function packageOf(file: string): string | null {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? null;
}
