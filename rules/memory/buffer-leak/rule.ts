import { backlog } from '../../../src/facts/backlog.js';
import { bufferMaker } from '../../../src/facts/buffer-maker.js';
import { mayYetHold } from '../../../src/facts/container-bounds.js';
import { evidence, kilobytes as kb, megabytes as mb, percent, when } from '../../../src/facts/evidence.js';
import { type GrowthSite, growsSteadily, heapGrowth } from '../../../src/facts/heap-growth.js';
import { heapTrend } from '../../../src/facts/heap-trend.js';
import { leakCure } from '../../../src/facts/keepers.js';
import { optional } from '../../../src/facts/reader.js';
import { requests } from '../../../src/facts/requests.js';
import { window } from '../../../src/facts/window.js';
import type { FactReader } from '../../../src/model/fact.js';
import { placeWords } from '../../../src/model/place.js';
import type { Evidence, Present, Rule } from '../../../src/model/rule.js';

const MB = 1e6;
/** Smaller growth is what pools of buffers, parsers and connections need in a young process. */
const SMALLEST_GROWTH_BYTES = 8 * MB;
/** ... unless one place of the program is seen to make that much steadily and all of it stays. */
const STEADY_BYTES = 2 * MB;
/** A steady leak puts a third of what the last two quarters add into each; what fills and stops puts next to nothing into the last. */
const LATE_SHARE = 0.12;
/** A server that falls behind keeps the bodies and answers of its waiting requests. */
const FEWEST_QUEUED = 20;
const HELD_PER_REQUEST_BYTES = 10 * MB;
/** Shorter windows can't tell warming up from leaking. */
const SHORTEST_WINDOW_US = 5_000_000;

export const rule: Rule = {
  id: 'memory/buffer-leak',
  title: 'Buffer leak outside the heap',
  stage: 'stable',
  mimics: ['memory/heap-leak', 'memory/gc-pressure', 'memory/fd-leak'],
  causes: ['memory/gc-pressure', 'http/error-responses'],
  needs: [window, heapTrend, backlog],
  judge(get) {
    const trend = get(heapTrend);
    const { durationUs } = get(window);
    const sites = optional(get, heapGrowth)?.sites ?? [];
    // What is sampled of the heap is small beside it: the place that grew by much of this is where buffers are made.
    const site = sites.find(({ bytes }) => bytes >= Math.max(STEADY_BYTES, trend.externalGrowthBytes / 4)) ?? null;
    const steady = site !== null && growsSteadily(site) === true;
    // Buffers that come and go hide what stays between them; those seen alive after the last collection are certain, if the heap has no room for them.
    const growth = Math.max(trend.externalGrowthBytes, steady ? site.bytes - Math.max(0, trend.growthBytes) : 0);
    const leastBytes = steady ? STEADY_BYTES : SMALLEST_GROWTH_BYTES;
    const signal = ['growth outside the heap', growth / MB, 'MB', leastBytes / MB] as const;
    const says = `buffers outside the heap grew by ${mb(growth)}, the heap by ${mb(trend.growthBytes)}`;
    const absent = (why: string) => ({ is: 'absent' as const, because: evidence(`${says}${why}`, ...signal) });
    const unsure = (why: string) => ({ is: 'inconclusive' as const, because: evidence(`${says}${why}`, ...signal) });
    if (growth < leastBytes) return absent('');
    if (growth <= trend.growthBytes) return absent(': most of it is in the heap');
    if (durationUs < SHORTEST_WINDOW_US) return unsure(`; record for longer than ${(durationUs / 1e6).toFixed(0)} s to tell warming up`);
    if (!steady && trend.externalLateShare < LATE_SHARE)
      return absent(`, ${percent(trend.externalLateShare)} of it in the last quarter: it settles`);
    const { grown, atEnd } = get(backlog);
    if (grown >= FEWEST_QUEUED && growth < grown * HELD_PER_REQUEST_BYTES)
      return absent(`, with ${atEnd} requests under way at the end, ${grown} more than at the start: they hold it`);
    if (site && growsSteadily(site) === false) return absent(`, but ${placeWords(site.allocatedIn)} did not keep adding to it: it settles`);
    if (site?.boundAt) return absent(` into ${site.container}, which ${placeWords(site.boundAt)} makes with a bound: it is filling`);
    if (site?.evictedAt && mayYetHold(site.evictedAt, get(requests).length))
      return unsure(`, but ${placeWords(site.evictedAt)} removes from ${site.container}: record for longer than it keeps them`);
    return { is: 'present', findings: [describe(get, growth, site, evidence(says, ...signal))] };
  },
};

function describe(get: FactReader, growth: number, site: GrowthSite | null, main: Evidence): Present {
  const count = get(requests).length;
  const perS = growth / (get(window).durationUs / 1e6);
  const memory = get(window).session.limits.memoryBytes;
  // Typed arrays are not sampled; the profile knows who spent time making them.
  const maker = site ? null : optional(get, bufferMaker);
  const location = site?.location ?? maker?.location;
  const container = site?.container ?? maker?.container ?? null;
  return {
    confidence: Math.min(0.97, 0.7 + 0.1 * Math.min(1, growth / (4 * SMALLEST_GROWTH_BYTES)) + (site ? 0.15 : 0)),
    symptom: 'memory',
    explainedShare: site ? Math.min(1, site.bytes / growth) : 0.5,
    summary: `Buffers outside the heap grow by ${mb(perS)} per second and are not let go${location ? `: they are kept in ${placeWords(location)}` : ''}.`,
    ...(location ? { location } : {}),
    evidence: [
      main,
      ...when(site?.quarters, (quarters) =>
        evidence(
          `of what was made there in each quarter of the window, ${quarters.map(mb).join(', ')} stayed`,
          'late growth',
          quarters.at(-1)! / MB,
          'MB',
        ),
      ),
      ...when(count > 0, () =>
        evidence(`${kb(growth / count)} stay behind per request (${count} requests)`, 'growth per request', growth / count / 1e3, 'kB'),
      ),
      ...when(site, ({ bytes, allocatedIn }) =>
        evidence(`${mb(bytes)} that are still alive were made in ${placeWords(allocatedIn)}`, 'made in one place', bytes / MB, 'MB'),
      ),
      ...when(memory, (bytes) =>
        evidence(`the container may use ${mb(bytes)}; V8's heap limit does not count buffers`, 'memory limit', bytes / MB, 'MB'),
      ),
    ],
    fixes: [
      { says: leakCure(site?.keeper ?? null, container) },
      {
        says: 'Where a few bytes of a large buffer are kept, copy them: a slice keeps the whole.',
        code: 'const id = Buffer.from(body.subarray(0, 16));',
      },
    ],
  };
}
