import { placeWords } from '../model/place.js';
import type { SourceLocation } from '../model/recording.js';
import type { Keeper } from './keeping-line.js';

/** The form of a leak, by what holds on, and what ends it. `what`: the source text of what grows, or a word for it. */
const FORMS: Record<Keeper, { kind: string; holds?: (what: string, where: string) => string; cure: (what: string) => string }> = {
  map: { kind: 'growing-map', cure: bound },
  set: { kind: 'growing-set', cure: bound },
  array: { kind: 'growing-array', cure: bound },
  object: { kind: 'growing-object', cure: bound },
  'linked-list': { kind: 'linked-list', cure: bound },
  listeners: {
    kind: 'listeners',
    holds: (what, where) => `${what} is given listeners in ${where} that are never taken off`,
    cure: (what) => `Take the listener off ${what} when the request ends: \`off\` in a \`finally\`, \`once\`, or an AbortSignal.`,
  },
  timers: {
    kind: 'timers',
    holds: (_, where) => `timers begun in ${where} hold it`,
    cure: () => 'Clear the timer when the request ends (in a `finally`): what its callback mentions lives as long as it does.',
  },
  promises: {
    kind: 'promises',
    holds: (_, where) => `it waits for a promise in ${where} that does not settle`,
    cure: () => 'Let every promise settle: a time-out that rejects, no race against one that never ends, no endless chain of `then`.',
  },
};

export function leakKind(keeper: Keeper): string {
  return FORMS[keeper].kind;
}

/** Half a sentence: who holds what grows. Null where the name of the container says it all. */
export function holdsWords(keeper: Keeper | null, container: string | null, location: SourceLocation): string | null {
  return (keeper && FORMS[keeper].holds?.(container ?? 'it', placeWords(location))) ?? null;
}

/** What to do about it; `keeper` null where nobody knows what holds on. */
export function leakCure(keeper: Keeper | null, container: string | null): string {
  const what = container ? `\`${container}\`` : 'what grows';
  return keeper ? FORMS[keeper].cure(what) : bound(what);
}

function bound(what: string): string {
  return `Bound ${what}: a maximum size with eviction (LRU), a time to live, or removal when the request, socket or session ends.`;
}
