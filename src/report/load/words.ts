import type { LoadFigures, LoadResult } from '../../model/load-result.js';
import { wordBytes, wordCount, wordMs, wordRate, wordSeconds, wordShare } from '../../model/wording.js';

/** "HTTP/1.1, open loop (Poisson) at 200.0/s, 30 s after 2 s warm-up". */
export function setupWords({ protocol, arrivals, window }: LoadResult): string {
  return [
    { 'http/1.1': 'HTTP/1.1', 'http/2': 'HTTP/2', websocket: 'WebSocket' }[protocol],
    arrivalWords(arrivals),
    `${wordSeconds(window.durationS)}${window.warmupS > 0 ? ` after ${wordSeconds(window.warmupS)} warm-up` : ''}`,
    ...(window.threads > 1 ? [`${window.threads} threads`] : []),
    ...(window.endedBy === 'interrupted' ? ['interrupted'] : []),
  ].join(', ');
}

function arrivalWords(arrivals: LoadResult['arrivals']): string {
  if (arrivals.kind === 'closed') return `closed loop with ${wordCount(arrivals.connections)} clients`;
  if (arrivals.kind === 'trace') return `recorded arrivals, ${wordRate(arrivals.ratePerS)}/s on average`;
  const { ratePerS, rampToPerS, spacing } = arrivals;
  const rate = rampToPerS === null ? `at ${wordRate(ratePerS)}/s` : `from ${wordRate(ratePerS)} to ${wordRate(rampToPerS)}/s`;
  return `open loop (${spacing === 'uniform' ? 'uniform' : 'Poisson'}) ${rate}`;
}

export const LATENCY_COLUMNS = ['mean', 'p50', 'p90', 'p99', 'p99.9', 'max'] as const;

export function latencyWords({ meanMs, p50Ms, p90Ms, p99Ms, p999Ms, maxMs }: LoadFigures): string[] {
  return [meanMs, p50Ms, p90Ms, p99Ms, p999Ms, maxMs].map(wordMs);
}

/** "timeout 3, status 12", or "". */
export function errorWords(errors: Record<string, number>): string {
  return Object.entries(errors)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${wordCount(count)}`)
    .join(', ');
}

export function statusWords({ statuses }: LoadResult): string {
  return statuses.map(({ status, count }) => `${status} × ${wordCount(count)}`).join(', ');
}

export function throughputWords({ requests }: LoadResult): string {
  return `${wordRate(requests.ratePerS)} answers/s, ${wordBytes(requests.bytes)} in bodies`;
}

export function goalWords({ goal, value, unit }: LoadResult['goals'][number]): string {
  const measured = unit === 'ms' ? wordMs(value) : unit === 'share' ? wordShare(value) : `${wordRate(value)}/s`;
  return `${goal}: ${measured}`;
}

/** What the generator says of itself. */
export function generatorWords({ generator, arrivals }: LoadResult): string[] {
  const { lag, connectionWait, connections, capReached, cpuCores, cpuUsPerAnswer, limited } = generator;
  return [
    ...(arrivals.kind === 'closed' ? [] : [`sent late by p50 ${wordMs(lag.p50Ms)}, p99 ${wordMs(lag.p99Ms)}`]),
    ...(connectionWait.maxMs > 0.5 && arrivals.kind !== 'closed'
      ? [`waited for a connection p50 ${wordMs(connectionWait.p50Ms)}, p99 ${wordMs(connectionWait.p99Ms)}`]
      : []),
    `${wordCount(connections)} connections${capReached && arrivals.kind !== 'closed' ? ' (the cap)' : ''}`,
    `${cpuCores.toFixed(2)} cores, ${cpuUsPerAnswer.toFixed(1)} µs per answer`,
    ...(limited ? ['AT ITS LIMIT'] : []),
  ];
}
