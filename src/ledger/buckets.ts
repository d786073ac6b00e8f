import type { BucketLedger, Entry, RequestLedger } from '../model/ledger.js';
import { BUCKETS, type Bucket } from '../model/units.js';
import { roundTo } from './booking.js';
import type { Request } from './population.js';

/** Neighbourhoods of the percentile, in ranks 0..1: wide enough for a mean that is not one request's accident. */
const RANKS: Record<Bucket, [from: number, to: number]> = { p50: [0.4, 0.6], p90: [0.85, 0.95], p99: [0.99, 1], max: [1, 1] };

/**
 * Where the ledger was kept in windows, hardly any of a neighbourhood's requests may be booked: it is widened to where it still means about
 * the same. The slowest are not: what is short enough to lie within a window would pass for them.
 */
const WIDEST: Record<Bucket, [from: number, to: number]> = { ...RANKS, p50: [0.25, 0.75], p90: [0.75, 0.95] };
const WIDENING_STEPS = 4;

/** The slowest percent of few requests is no group: it is widened to this many where there are enough. */
const SMALLEST_GROUP = 5;

/** No bucket's ledger needs more requests than this to be steady. */
const LARGEST_GROUP = 1_000;

/**
 * Books the mean request of each percentile neighbourhood. `requests`: one route's or all. The neighbourhoods are drawn from all of them,
 * the means taken over those whose ledger was kept: so a ledger kept in windows, into which short requests fit more easily than long ones,
 * does not shift them. A neighbourhood of which nobody was booked is left out.
 */
export function bookBuckets(requests: readonly Request[], book: (request: Request) => RequestLedger): BucketLedger[] {
  if (requests.length === 0) return [];
  const byWall = [...requests].sort((a, b) => wallUs(a) - wallUs(b));
  return BUCKETS.flatMap((bucket) => {
    const members = membersOf(byWall, bucket);
    return members.length > 0 ? [meanOf(bucket, members.map(book))] : [];
  });
}

/** The requests of one percentile neighbourhood. `byWall`: ascending by wall time, not empty. */
function membersOf(byWall: readonly Request[], bucket: Bucket): Request[] {
  const count = byWall.length;
  if (bucket === 'max') return byWall.slice(-1).filter(isBooked);
  const within = (widened: number): Request[] => {
    const edge = (side: 0 | 1): number => RANKS[bucket][side] + (WIDEST[bucket][side] - RANKS[bucket][side]) * widened;
    let from = Math.min(count - 1, Math.floor(edge(0) * count));
    const to = Math.max(from + 1, Math.ceil(edge(1) * count));
    if (bucket === 'p99') from = Math.max(0, Math.min(from, count - Math.min(SMALLEST_GROUP, Math.ceil(count / 10))));
    return byWall.slice(from, to);
  };
  let members = within(0).filter(isBooked);
  const sampled = members.length < within(0).length;
  for (let step = 1; sampled && step <= WIDENING_STEPS && members.length < SMALLEST_GROUP; step++) {
    members = within(step / WIDENING_STEPS).filter(isBooked);
  }
  if (members.length <= LARGEST_GROUP) return members;
  const step = members.length / LARGEST_GROUP;
  return Array.from({ length: LARGEST_GROUP }, (_, i) => members[Math.floor(i * step)]!);
}

function meanOf(bucket: Bucket, ledgers: readonly RequestLedger[]): BucketLedger {
  const sums = new Map<string, Entry>();
  let wall = 0;
  let estimated = 0;
  for (const ledger of ledgers) {
    wall += ledger.wallUs;
    estimated += ledger.estimatedUs;
    for (const entry of ledger.entries) {
      const key = `${entry.account}\n${entry.detail ?? ''}`;
      const sum = sums.get(key);
      if (sum) sum.us += entry.us;
      else sums.set(key, { ...entry });
    }
  }
  const measuredUs = Math.round(wall / ledgers.length);
  const entries = [...sums.values()].sort((a, b) => b.us - a.us || (`${a.account}${a.detail}` < `${b.account}${b.detail}` ? -1 : 1));
  return {
    bucket,
    requests: ledgers.length,
    measuredUs,
    entries: roundTo(entries, measuredUs),
    estimatedUs: Math.round(estimated / ledgers.length),
  };
}

/** Where nothing of the server's half was seen, all is booked, as unattributed. */
export function isBooked({ server, sampledOut }: Request): boolean {
  return !(server ?? { sampledOut }).sampledOut;
}

export function wallUs(request: Request): number {
  return request.endUs - request.startUs;
}
