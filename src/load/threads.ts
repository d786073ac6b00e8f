import type { LoadOptions, LoadSummary } from './options.js';
import { routesOf } from './options.js';

/** The share of a load that each of so many threads generates; together they are the load that was asked for. */
export function splitLoad(options: LoadOptions, threads: number): LoadOptions[] {
  const { arrivals, requests, seed = 1 } = options;
  const most = arrivals.kind === 'closed' ? arrivals.connections : arrivals.kind === 'trace' ? arrivals.atUs.length : threads;
  const count = Math.max(1, Math.min(threads, most));
  if (count === 1) return [options];
  return Array.from({ length: count }, (_, i): LoadOptions => {
    const share = { ...options, seed: seed + i * 7_919 };
    if (options.maxConnections !== undefined) share.maxConnections = Math.max(1, portion(options.maxConnections, count, i));
    if (options.broadcast !== undefined) share.broadcast = Math.max(2, portion(options.broadcast, count, i));
    if (arrivals.kind === 'closed') return { ...share, arrivals: { kind: 'closed', connections: portion(arrivals.connections, count, i) } };
    if (arrivals.kind === 'trace') {
      const mine = (_: unknown, at: number): boolean => at % count === i;
      return { ...share, requests: requests.filter(mine), arrivals: { kind: 'trace', atUs: arrivals.atUs.filter(mine) } };
    }
    const { ratePerS, rampToPerS } = arrivals;
    return {
      ...share,
      arrivals: {
        ...arrivals,
        ratePerS: ratePerS / count,
        ...(rampToPerS === undefined ? {} : { rampToPerS: rampToPerS / count }),
        phase: i / count,
      },
    };
  });
}

/** Several threads as one. Lag and business of the worst: one thread that was late is late for its share of the requests. */
export function joinSummaries(summaries: readonly LoadSummary[]): LoadSummary {
  const [first] = summaries;
  if (summaries.length === 1) return first!;
  const sum = (of: (summary: LoadSummary) => number): number => summaries.reduce((total, summary) => total + of(summary), 0);
  const worst = (of: (summary: LoadSummary) => number): number => Math.max(...summaries.map(of));
  const errors: Record<string, number> = {};
  for (const summary of summaries) for (const [kind, count] of Object.entries(summary.errors)) errors[kind] = (errors[kind] ?? 0) + count;
  return {
    sent: sum(({ sent }) => sent),
    done: sum(({ done }) => done),
    errors,
    lagP50Us: worst(({ lagP50Us }) => lagP50Us),
    lagP99Us: worst(({ lagP99Us }) => lagP99Us),
    generatorLimited: summaries.some(({ generatorLimited }) => generatorLimited),
    connections: sum(({ connections }) => connections),
    capReached: summaries.some(({ capReached }) => capReached),
    overruns: sum(({ overruns }) => overruns),
    busyShare: worst(({ busyShare }) => busyShare),
  };
}

/** Where a thread's routes stand among all: its part of a trace may not have them all, or in another order. */
export function routeNumbers(options: LoadOptions, share: LoadOptions): number[] {
  const all = new Map(routesOf(options.requests).map((route, i) => [route, i]));
  return routesOf(share.requests).map((route) => all.get(route)!);
}

function portion(whole: number, parts: number, index: number): number {
  return Math.floor(whole / parts) + (index < whole % parts ? 1 : 0);
}
