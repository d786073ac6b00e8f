import type { Fact } from '../model/fact.js';
import { type Request, requests } from './requests.js';
import { ascending, quantile } from './stats.js';
import { window } from './window.js';

export interface LatencyOf {
  count: number;
  errors: number;
  perS: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  p999Ms: number;
  maxMs: number;
  statuses: Record<string, number>;
}
export interface Latencies {
  overall: LatencyOf;
  routes: ReadonlyMap<string, LatencyOf>;
}

/** Latency and errors, overall and by route; routes in order of their number of requests. */
export const latency: Fact<Latencies> = {
  id: 'latency',
  compute(_, get) {
    const { durationUs } = get(window);
    const byRoute = new Map<string, Request[]>();
    for (const request of get(requests)) {
      const list = byRoute.get(request.route);
      if (list) list.push(request);
      else byRoute.set(request.route, [request]);
    }
    const routes = [...byRoute].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
    return {
      ok: true,
      value: {
        overall: describe(get(requests), durationUs),
        routes: new Map(routes.map(([route, list]) => [route, describe(list, durationUs)])),
      },
    };
  },
};

/** A server's own failure or no answer at all; 4xx is the client's doing. */
export function isError(request: Request): boolean {
  return request.status === 0 || request.status >= 500 || request.error !== null;
}

function describe(list: readonly Request[], durationUs: number): LatencyOf {
  const wallMs = ascending(list.map((request) => (request.endUs - request.startUs) / 1000));
  const statuses: Record<string, number> = {};
  for (const { status } of list) statuses[status] = (statuses[status] ?? 0) + 1;
  return {
    count: list.length,
    errors: list.filter(isError).length,
    perS: list.length / (durationUs / 1e6),
    p50Ms: quantile(wallMs, 0.5),
    p90Ms: quantile(wallMs, 0.9),
    p99Ms: quantile(wallMs, 0.99),
    p999Ms: quantile(wallMs, 0.999),
    maxMs: quantile(wallMs, 1),
    statuses,
  };
}
