import { backlog } from '../../../src/facts/backlog.js';
import { evidence, kilobytes as kb, megabytes as mb, percent, when } from '../../../src/facts/evidence.js';
import { type GrowthSite, heapGrowth } from '../../../src/facts/heap-growth.js';
import { type HeapTrend, heapTrend } from '../../../src/facts/heap-trend.js';
import { optional } from '../../../src/facts/reader.js';
import { requests } from '../../../src/facts/requests.js';
import { window } from '../../../src/facts/window.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Evidence, Fix, Present, Rule } from '../../../src/model/rule.js';

const MB = 1e6;
/** Growth smaller than this is what caches, compiled code and lazily loaded modules need in a young process. */
const SMALLEST_GROWTH_BYTES = 8 * MB;
/** ... and smaller than this share of what was alive, it can't be told from the collector's own slack. */
const SMALLEST_GROWTH_SHARE = 0.1;
/** A steady leak puts half of its growth into the second half; a cache that fills and stops puts next to nothing there. */
const STEADY_LATE_SHARE = 0.3;
/** A server that falls behind keeps what its waiting requests need: bodies, sockets, closures. */
const FEWEST_QUEUED = 20;
const HELD_PER_REQUEST_BYTES = 1 * MB;
/** Shorter windows can't tell warming up from leaking. */
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
    const growth = trend.growthBytes + Math.max(0, trend.externalGrowthBytes);
    const signal = ['growth after collections', growth / MB, 'MB', SMALLEST_GROWTH_BYTES / MB] as const;
    const path = `${mb(trend.startBytes)} → ${mb(trend.endBytes)} after collections`;
    if (growth < SMALLEST_GROWTH_BYTES || growth < SMALLEST_GROWTH_SHARE * trend.startBytes) {
      return { is: 'absent', because: evidence(`what survives collections went ${path}`, ...signal) };
    }
    const inHeap = trend.growthBytes >= trend.externalGrowthBytes;
    if (durationUs < SHORTEST_WINDOW_US) {
      const seconds = `${(durationUs / 1e6).toFixed(0)} s`;
      return {
        is: 'inconclusive',
        because: evidence(`the heap grew (${path}) in ${seconds}; record for longer to tell a leak from warming up`, ...signal),
      };
    }
    if (inHeap && trend.lateShare < STEADY_LATE_SHARE) {
      const late = `${percent(trend.lateShare)} of it for certain in the second half`;
      return { is: 'absent', because: evidence(`the heap grew (${path}), ${late}: it settles`, ...signal) };
    }
    const { grown, atEnd } = get(backlog);
    if (grown >= FEWEST_QUEUED && growth < grown * HELD_PER_REQUEST_BYTES) {
      return {
        is: 'absent',
        because: evidence(
          `the heap grew (${path}) with ${atEnd} requests under way at the end, ${grown} more than at the start: they hold it`,
          ...signal,
        ),
      };
    }
    return { is: 'present', findings: [describe(get, trend, growth, evidence(steps(trend, path), ...signal))] };
  },
};

function describe(get: FactReader, trend: HeapTrend, growth: number, main: Evidence): Present {
  const count = get(requests).length;
  const site = optional(get, heapGrowth)?.sites[0];
  const perS = growth / (get(window).durationUs / 1e6);
  const certain = 0.2 * Math.min(1, growth / (4 * SMALLEST_GROWTH_BYTES)) + 0.2 * Math.min(1, 2 * trend.lateShare);
  const { externalGrowthBytes: external } = trend;
  return {
    confidence: Math.min(0.98, 0.6 + certain),
    symptom: 'memory',
    explainedShare: site ? Math.min(1, site.share) : 0.5,
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
    fixes: fixesFor(site),
  };
}

function steps(trend: HeapTrend, path: string): string {
  return `heap ${path} within ${trend.spanS.toFixed(1)} s, at least ${percent(trend.lateShare)} of the growth in the second half`;
}

function allocation({ share, allocatedIn }: GrowthSite): Evidence {
  const where = `${allocatedIn.function} (${allocatedIn.file}:${allocatedIn.line})`;
  return evidence(`${percent(share)} of the sampled growth was allocated in ${where}`, 'share of growth', share, 'share');
}

function grower(site: GrowthSite): string {
  return site.container ? `${site.container} is only ever added to` : `it is allocated in ${site.allocatedIn.function}`;
}

function fixesFor(site: GrowthSite | undefined): Fix[] {
  const what = site?.container ? `\`${site.container}\`` : 'what grows';
  return [
    { says: `Bound ${what}: a maximum size with eviction (LRU), a time to live, or removal when the request, socket or session ends.` },
  ];
}

function untilLimit(trend: HeapTrend, bytesPerS: number) {
  const leftS = (trend.limitBytes - trend.endBytes) / bytesPerS;
  if (!Number.isFinite(leftS) || leftS < 0) return [];
  const time = leftS < 7200 ? `${(leftS / 60).toFixed(0)} min` : `${(leftS / 3600).toFixed(0)} h`;
  return [evidence(`at this rate the heap limit of ${mb(trend.limitBytes)} is reached in ${time}`, 'time to heap limit', leftS, 's')];
}
