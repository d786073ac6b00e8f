import type { Available, Fact } from '../model/fact.js';
import type { LastingDocument, Recording, SourceLocation } from '../model/recording.js';
import { callSite } from './sites.js';

/** What was begun in the window and was there at its end, in all of the target's processes. */
export interface Lasting {
  count: number;
  /** By the quarter of the window in which it was begun. */
  quarters: readonly number[];
  /** Where most of it was begun, and how much of what is known to have been begun in some place; null where nobody looked at any. */
  beginner: { location: SourceLocation; share: number } | null;
}

const QUARTERS = 4;
/** Of an even quarter. */
const EVEN_SHARE = 0.4;

/** `setInterval`s that were not cleared. */
export const lastingIntervals: Fact<Lasting> = {
  id: 'lasting-intervals',
  compute: (recording) => lastingOf(recording, 'interval', 'intervals'),
};

/** Listeners of emitters that Node warned of, more than were taken off. */
export const lastingListeners: Fact<Lasting> = {
  id: 'lasting-listeners',
  compute: (recording) => lastingOf(recording, 'listener', 'crowdedEmitters'),
};

/** Whether as much came in the first quarter as in the last. */
export function keepsComing({ count, quarters }: Lasting): boolean {
  const least = (EVEN_SHARE * count) / quarters.length;
  return quarters[0]! >= least && quarters.at(-1)! >= least;
}

function lastingOf(recording: Recording, kind: LastingDocument['kind'], feature: string): Available<Lasting> {
  if (!recording.documents.processes.some(({ features }) => features[feature])) {
    return { ok: false, because: `${kind}s were not looked at`, enable: 'record with --depth standard' };
  }
  const quarters = new Array<number>(QUARTERS).fill(0);
  const places = new Map<string, { location: SourceLocation; count: number }>();
  let placed = 0;
  for (const { site, begun, ...one } of recording.documents.lasting ?? []) {
    const count = begun.reduce((sum, some) => sum + some, 0);
    if (one.kind !== kind || count <= 0) continue;
    begun.slice(0, QUARTERS).forEach((some, i) => {
      quarters[i] = quarters[i]! + some;
    });
    const location = callSite(recording, site);
    if (!location) continue;
    placed += count;
    const key = `${location.file}:${location.line}`;
    const known = places.get(key);
    if (known) known.count += count;
    else places.set(key, { location, count });
  }
  const [most] = [...places.values()].sort((a, b) => b.count - a.count);
  const count = quarters.reduce((sum, some) => sum + some, 0);
  return { ok: true, value: { count, quarters, beginner: most ? { location: most.location, share: most.count / placed } : null } };
}
