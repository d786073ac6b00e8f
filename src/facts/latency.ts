import type { Fact } from '../model/fact.js';
import { type Request, requests } from './requests.js';
import { ascending, quantile } from './stats.js';
import { type Window, window } from './window.js';

export interface LatencyOf {
  count: number;
  errors: number;
  /** Still under way when the load ended. */
  unanswered: number;
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
    const view = get(window);
    const byRoute = new Map<string, Request[]>();
    for (const request of get(requests)) {
      const list = byRoute.get(request.route);
      if (list) list.push(request);
      else byRoute.set(request.route, [request]);
    }
    const routes = [...byRoute].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
    return {
      ok: true,
      value: { overall: describe(get(requests), view), routes: new Map(routes.map(([route, list]) => [route, describe(list, view)])) },
    };
  },
};

/** Cut off because the load ended while it was under way: nobody knows whether it would have failed. */
function isUnanswered(request: Request, endUs: number): boolean {
  return request.status === 0 && request.endUs >= endUs;
}

/** A server's own failure or no answer in time; 4xx is the client's doing. */
function isError(request: Request, endUs: number): boolean {
  return (request.status === 0 || request.status >= 500 || request.error !== null) && !isUnanswered(request, endUs);
}

function describe(list: readonly Request[], { durationUs, endUs }: Window): LatencyOf {
  const wallMs = ascending(list.map((request) => (request.endUs - request.startUs) / 1000));
  const statuses: Record<string, number> = {};
  for (const { status } of list) statuses[status] = (statuses[status] ?? 0) + 1;
  return {
    count: list.length,
    errors: list.filter((request) => isError(request, endUs)).length,
    unanswered: list.filter((request) => isUnanswered(request, endUs)).length,
    perS: list.length / (durationUs / 1e6),
    p50Ms: quantile(wallMs, 0.5),
    p90Ms: quantile(wallMs, 0.9),
    p99Ms: quantile(wallMs, 0.99),
    p999Ms: quantile(wallMs, 0.999),
    maxMs: quantile(wallMs, 1),
    statuses,
  };
}
