import { requests } from '../facts/requests.js';
import { ascending, quantile } from '../facts/stats.js';
import { joined } from '../facts/waterfall.js';
import { window } from '../facts/window.js';
import type { FactReader } from '../model/fact.js';
import type { Finding, Report } from '../model/report.js';

/** A request that takes this share of its kind's p99 is one of the slow ones. */
const SLOW_SHARE = 0.5;
/** Shorter pauses between two slow requests are not told apart. */
const APART_SHARE = 1 / 150;

/**
 * When each root cause was felt: while requests that suffer from it were slow, or failed. What concerns the memory, or is a risk, is felt at
 * no moment. Seconds from the window's start.
 */
export function feltOf(findings: readonly Finding[], get: FactReader): NonNullable<Report['felt']> {
  const { startUs, durationUs } = get(window);
  return findings.flatMap(({ role, symptom, route, suffers = [] }, finding) => {
    if (role !== 'root-cause' || !['latency', 'throughput', 'errors'].includes(symptom)) return [];
    const concerned = new Set(route === undefined ? suffers : [route, ...suffers]);
    const all = get(requests).filter((request) => concerned.size === 0 || concerned.has(request.route));
    const slowUs = SLOW_SHARE * quantile(ascending(all.map((request) => request.endUs - request.startUs)), 0.99);
    const isFelt =
      symptom === 'errors'
        ? (request: (typeof all)[number]) => request.status >= 500 || request.status === 0
        : (request: (typeof all)[number]) => request.endUs - request.startUs >= slowUs;
    const spans = all.filter(isFelt).map(({ startUs: from, endUs: to }): [number, number] => [from - startUs, to - from]);
    const felt = joined(spans, durationUs * APART_SHARE).map(([from, length]): [number, number] => [
      round(from),
      round(Math.min(durationUs, from + length)),
    ]);
    return felt.length > 0 ? [{ finding, spans: felt.filter(([from, to]) => to > from) }] : [];
  });
}

function round(us: number): number {
  return Math.round(us / 1000) / 1000;
}
