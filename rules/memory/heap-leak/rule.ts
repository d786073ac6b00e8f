import { backlog } from '../../../src/facts/backlog.js';
import { mayYetHold } from '../../../src/facts/container-bounds.js';
import { evidence, kilobytes as kb, megabytes as mb, percent, when } from '../../../src/facts/evidence.js';
import { type GrowthSite, growsSteadily, heapGrowth } from '../../../src/facts/heap-growth.js';
import { type HeapTrend, heapTrend } from '../../../src/facts/heap-trend.js';
import { holdsWords, leakCure, leakKind } from '../../../src/facts/keepers.js';
import { optional } from '../../../src/facts/reader.js';
import { requests } from '../../../src/facts/requests.js';
import { window } from '../../../src/facts/window.js';
import type { FactReader } from '../../../src/model/fact.js';
import { placeWords } from '../../../src/model/place.js';
import type { Evidence, Present, Rule } from '../../../src/model/rule.js';

const MB = 1e6;
/** Growth smaller than this is what caches, compiled code and lazily loaded modules need in a young process. */
const SMALLEST_GROWTH_BYTES = 8 * MB;
/** ... and smaller than this share of what was alive, it can't be told from the collector's own slack. */
const SMALLEST_GROWTH_SHARE = 0.1;
/** ... unless one place of the program is seen to add that much steadily and all of it stays. */
const STEADY_BYTES = 2 * MB;
const STEADY_SHARE = 0.02;
/** A steady leak puts half of its growth into the second half; a cache that fills and stops puts next to nothing there. */
const STEADY_LATE_SHARE = 0.3;
/** A server that falls behind keeps what its waiting requests need: bodies, files, rows. */
const FEWEST_QUEUED = 20;
const HELD_PER_REQUEST_BYTES = 10 * MB;
const OLDEST_SHARE = 0.7;
/** To tell warming up from leaking. */
const SHORTEST_WINDOW_US = 5_000_000;

export const rule: Rule = {
  id: 'memory/heap-leak',
  title: 'Heap leak',
  stage: 'stable',
  mimics: ['memory/gc-pressure'],
  causes: ['memory/gc-pressure', 'http/error-responses'],
  needs: [window, heapTrend, backlog],
  judge(get) {
    const trend = get(heapTrend);
    const { durationUs } = get(window);
    const { growthBytes: growth, externalGrowthBytes: external } = trend;
    const seen = optional(get, heapGrowth);
    const sites = seen?.sites ?? [];
    const steady = sites.find((site) => site.bytes >= STEADY_BYTES && growsSteadily(site));
    const [leastBytes, leastShare] = steady ? [STEADY_BYTES, STEADY_SHARE] : [SMALLEST_GROWTH_BYTES, SMALLEST_GROWTH_SHARE];
    const signal = ['growth after collections', growth / MB, 'MB', leastBytes / MB] as const;
    const path = `${mb(trend.startBytes)} → ${mb(trend.endBytes)} after collections`;
    if (growth < leastBytes || growth < leastShare * trend.startBytes)
      return { is: 'absent', because: evidence(`what survives collections went ${path}`, ...signal) };
    const unsure = (why: string) => ({ is: 'inconclusive' as const, because: evidence(`the heap grew (${path})${why}`, ...signal) });
    if (durationUs < SHORTEST_WINDOW_US)
      return unsure(` in ${(durationUs / 1e6).toFixed(0)} s; record for longer to tell a leak from warming up`);
    const absent = (why: string) => ({ is: 'absent' as const, because: evidence(`the heap grew (${path}) ${why}`, ...signal) });
    const outside = Math.max(external, (steady?.bytes ?? 0) - growth);
    if (outside > growth) return absent(`less than buffers outside of it did (${mb(outside)})`);
    const goesOn = seen && growsSteadily(seen);
    const late = `with ${percent(trend.lateShare)} of it for certain in the second half: it settles`;
    if (!steady && !(goesOn ?? trend.lateShare >= STEADY_LATE_SHARE))
      return absent(goesOn === false ? 'but no part of the program kept adding to it: it settles' : late);
    const { grown, atEnd, oldestShare } = get(backlog);
    // What stayed from the first quarter is older than any of them.
    const older = steady && oldestShare < OLDEST_SHARE;
    if (grown >= FEWEST_QUEUED && !older && growth < grown * HELD_PER_REQUEST_BYTES)
      return absent(`with ${atEnd} requests under way at the end, ${grown} more than at the start: they hold it`);
    const site = steady ?? sites[0];
    if (site?.boundAt) return absent(`into ${site.container}, which ${placeWords(site.boundAt)} makes with a bound: it is filling`);
    if (site?.evictedAt && mayYetHold(site.evictedAt, get(requests).length))
      return unsure(`, but ${placeWords(site.evictedAt)} removes from ${site.container}: record for longer than it keeps them`);
    return { is: 'present', findings: [describe(get, trend, site, evidence(steps(trend, path, steady), ...signal))] };
  },
};

function describe(get: FactReader, trend: HeapTrend, site: GrowthSite | undefined, main: Evidence): Present {
  const count = get(requests).length;
  const { growthBytes: growth, externalGrowthBytes: external } = trend;
  const perS = growth / (get(window).durationUs / 1e6);
  const sure = site && growsSteadily(site) ? 1 : Math.min(1, 2 * trend.lateShare);
  const keeper = site?.keeper ?? null;
  return {
    confidence: Math.min(0.98, 0.6 + 0.2 * Math.min(1, growth / (4 * SMALLEST_GROWTH_BYTES)) + 0.2 * sure),
    symptom: 'memory',
    explainedShare: site ? Math.min(1, site.share) : 0.5,
    ...(keeper ? { kind: leakKind(keeper) } : {}),
    summary: `Memory that no collection frees grows by ${mb(perS)} per second${site ? `: ${grower(site)}` : ''}.`,
    ...(site ? { location: site.location } : {}),
    evidence: [
      main,
      ...when(external > MB, () => evidence(`buffers outside the heap grew by ${mb(external)}`, 'external growth', external / MB, 'MB')),
      ...when(count > 0, () =>
        evidence(`${kb(growth / count)} stay behind per request (${count} requests)`, 'growth per request', growth / count / 1e3, 'kB'),
      ),
      ...when(site, allocation),
      ...untilLimit(trend, perS),
    ],
    fixes: [{ says: leakCure(keeper, site?.container ?? null) }],
  };
}

function steps({ lateShare, spanS }: HeapTrend, path: string, steady: GrowthSite | undefined): string {
  const even = `of what was allocated there in each quarter of that, ${steady?.quarters?.map(mb).join(', ')} stayed`;
  return `heap ${path} within ${spanS.toFixed(1)} s, ${steady ? even : `at least ${percent(lateShare)} of the growth in the second half`}`;
}

function allocation({ share, allocatedIn: { function: name, file, line } }: GrowthSite): Evidence {
  return evidence(`${percent(share)} of the sampled growth was allocated in ${name} (${file}:${line})`, 'share of growth', share, 'share');
}

function grower({ container, evictedAt, allocatedIn, keeper, location }: GrowthSite): string {
  if (evictedAt) return `${container} is not held to the ${evictedAt.mostEntries} entries of ${placeWords(evictedAt)}`;
  const held = holdsWords(keeper, container, location);
  if (held) return held;
  return container ? `${container} is only ever added to` : `it is allocated in ${allocatedIn.function}`;
}

function untilLimit(trend: HeapTrend, bytesPerS: number) {
  const leftS = (trend.limitBytes - trend.endBytes) / bytesPerS;
  const time = leftS < 7200 ? `${(leftS / 60).toFixed(0)} min` : `${(leftS / 3600).toFixed(0)} h`;
  if (!Number.isFinite(leftS) || leftS < 0) return [];
  return [evidence(`at this rate the heap limit of ${mb(trend.limitBytes)} is reached in ${time}`, 'time to heap limit', leftS, 's')];
}
