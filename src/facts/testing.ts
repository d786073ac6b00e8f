import type { Fact, FactReader } from '../model/fact.js';
import type { AccountId, BucketLedger, Entry } from '../model/ledger.js';
import type { SessionDocument } from '../model/recording.js';
import type { Ledgers } from './ledgers.js';
import { MissingFact } from './reader.js';
import type { Window } from './window.js';

/** A reader of hand-made facts, for the tests of rules; a fact not given is missing. */
export function factsOf(...values: readonly (readonly [Fact<never>, unknown])[]): FactReader {
  const known = new Map<unknown, unknown>(values);
  return <T>(fact: Fact<T>): T => {
    if (!known.has(fact)) throw new MissingFact(`no ${fact.id} in this test`);
    return known.get(fact) as T;
  };
}

/** Pairs a fact with its value, checked against the fact's type. */
export function given<T>(fact: Fact<T>, value: T): readonly [Fact<never>, unknown] {
  return [fact as unknown as Fact<never>, value];
}

export function tenSeconds(): Window {
  const session: SessionDocument = {
    windowStartUs: 0,
    windowEndUs: 10_000_000,
    load: null,
    dropped: {},
    end: 'duration',
    targetExit: null,
    stderrTail: [],
    limits: { quotaCores: null, memoryBytes: null, usableCores: 2, poolThreads: 4 },
    sources: [],
    probeShare: 0.001,
    generatorLag: null,
  };
  return { startUs: 0, endUs: 10_000_000, durationUs: 10_000_000, session };
}

/** Ledgers with one bucket (p99) per route from [account, ms, detail?] lines. */
export function booked(routes: Record<string, [account: AccountId, ms: number, detail?: string][]>): Ledgers {
  const bucket = (lines: [AccountId, number, string?][]): BucketLedger => {
    const entries = lines.map(([account, ms, detail]): Entry => ({ account, us: ms * 1000, ...(detail === undefined ? {} : { detail }) }));
    return { bucket: 'p99', requests: 50, measuredUs: entries.reduce((sum, entry) => sum + entry.us, 0), entries, estimatedUs: 0 };
  };
  const map = new Map(Object.entries(routes).map(([route, lines]) => [route, [bucket(lines)]] as const));
  return {
    overall: [],
    routes: map,
    book: () => {
      throw new Error('hand-made ledgers book no requests');
    },
  };
}
