import { bookBuckets } from '../ledger/buckets.js';
import { buildLedgerContext, type LedgerContext } from '../ledger/context.js';
import { bookRequest, SENT_LATE } from '../ledger/request.js';
import type { Fact } from '../model/fact.js';
import type { BucketLedger, Entry, RequestLedger } from '../model/ledger.js';
import type { Bucket } from '../model/units.js';
import { type Request, requests } from './requests.js';

export const ledgerContext: Fact<LedgerContext> = {
  id: 'ledger-context',
  compute: (recording) => ({ ok: true, value: buildLedgerContext(recording) }),
};

export interface Ledgers {
  overall: readonly BucketLedger[];
  routes: ReadonlyMap<string, readonly BucketLedger[]>;
  book(request: Request): RequestLedger;
}

/** Every percentile neighbourhood's ledger, overall and by route. */
export const ledgers: Fact<Ledgers> = {
  id: 'ledgers',
  compute(_, get) {
    const context = get(ledgerContext);
    const booked = new Map<Request, RequestLedger>();
    const book = (request: Request): RequestLedger => {
      const known = booked.get(request) ?? bookRequest(context, request);
      booked.set(request, known);
      return known;
    };
    const byRoute = new Map<string, Request[]>();
    for (const request of get(requests)) {
      const list = byRoute.get(request.route);
      if (list) list.push(request);
      else byRoute.set(request.route, [request]);
    }
    const routes = new Map([...byRoute].map(([route, list]) => [route, bookBuckets(list, book)] as const));
    return { ok: true, value: { overall: bookBuckets(get(requests), book), routes, book } };
  },
};

export interface Explained {
  route: string;
  bucket: Bucket;
  /** Milliseconds of the mean request of that bucket that the chosen entries hold, and their share of it. */
  ms: number;
  share: number;
  measuredMs: number;
}

/** Fewer requests than this on a route make its percentiles anecdotes. */
const FEWEST_REQUESTS = 5;

function sum(entries: readonly Entry[]): number {
  return entries.reduce((total, entry) => total + entry.us, 0);
}

const BUCKETS_READ: readonly Bucket[] = ['p50', 'p90', 'p99'];

/** For each route its bucket (of `among`) in which the chosen entries weigh most; heaviest route first. */
export function explainedBy(value: Ledgers, matches: (entry: Entry) => boolean, among = BUCKETS_READ): Explained[] {
  const found: Explained[] = [];
  for (const [route, buckets] of value.routes) {
    let best: Explained | null = null;
    for (const ledger of buckets) {
      if (!among.includes(ledger.bucket) || ledger.requests < Math.min(FEWEST_REQUESTS, 3)) continue;
      const us = sum(ledger.entries.filter(matches));
      const measuredUs = ledger.measuredUs - sum(ledger.entries.filter((entry) => entry.detail === SENT_LATE));
      const candidate = { route, bucket: ledger.bucket, ms: us / 1000, share: us / Math.max(1, measuredUs), measuredMs: measuredUs / 1000 };
      if (!best || candidate.ms > best.ms) best = candidate;
    }
    if (best) found.push(best);
  }
  return found.sort((a, b) => b.ms - a.ms || (a.route < b.route ? -1 : 1));
}

/** The same of requests to all routes together, where no route has enough of them to speak for itself. */
export function explainedOverall({ routes, overall, book }: Ledgers, matches: (entry: Entry) => boolean): Explained[] {
  const alone = [...routes.values()].some((buckets) =>
    buckets.some(({ bucket, requests: count }) => bucket === 'p99' && count >= FEWEST_REQUESTS),
  );
  return alone ? [] : explainedBy({ routes: new Map([['all routes', overall]]), overall, book }, matches);
}
