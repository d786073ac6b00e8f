import { routesOf } from '../../load/load.js';
import type { Measured } from '../../load/measure.js';
import { delayOf } from '../../load/totals.js';
import type { LoadArrivals, LoadFigures, LoadGenerator, LoadResult } from '../../model/load-result.js';
import { wordCount, wordMany, wordMs, wordRate, wordShare } from '../../model/wording.js';
import { VERSION } from '../version.js';
import type { LoadPlan } from './plan.js';
import type { Goal } from './values.js';

const PROTOCOLS = { http1: 'http/1.1', http2: 'http/2', websocket: 'websocket' } as const;
/** Beyond this lag the latencies say more about the generator; below a millisecond it is the scheduler's usual noise. */
const LIMITING_LAG_SHARE = 0.1;
const LIMITING_LAG_MS = 1;
/** A thread that is busier than this has no room left: a closed loop could have gone faster. */
const BUSY_SHARE = 0.95;
/** Answers per second below this share of what was wanted were not reached. */
const REACHED_SHARE = 0.95;

/** What was measured, judged by the goals. */
export function loadResult(plan: LoadPlan, measured: Measured, interrupted: boolean): LoadResult {
  const { totals, durationS } = measured;
  const requests = totals.figures(durationS);
  const generator = generatorOf(measured, requests);
  const goals = plan.goals.map((goal) => judged(goal, requests));
  const certain = plan.goals.some((goal, i) => !goals[i]!.met && isMissedAnyway(goal, goals[i]!.value, generator));
  const verdict = verdictOf(requests, goals, certain);
  return {
    schemaVersion: 1,
    kind: 'load',
    ddx: { version: VERSION },
    url: `${plan.url.origin}${plan.url.pathname}`,
    protocol: PROTOCOLS[plan.protocol],
    arrivals: arrivalsOf(plan),
    window: { durationS, warmupS: plan.warmupS, threads: plan.threads, endedBy: interrupted ? 'interrupted' : 'duration' },
    requests,
    routes: totals.routes(routesOf(plan.source.requests), durationS),
    statuses: [...totals.statuses].sort(([a], [b]) => a - b).map(([status, count]) => ({ status, count })),
    histogram: totals.all.latency.buckets().map(([us, count]) => [us / 1_000, count]),
    generator,
    series: totals.series(),
    checks: plan.source.checks.map((check, i) => ({ check, passed: totals.checks[i]?.passed ?? 0, failed: totals.checks[i]?.failed ?? 0 })),
    goals,
    knee: null,
    notes: notesOf(plan, measured, requests, generator),
    verdict,
    summary: summaryOf(verdict, requests, goals),
  };
}

function arrivalsOf({ arrivals }: LoadPlan): LoadArrivals {
  if (arrivals.kind === 'closed') return arrivals;
  if (arrivals.kind === 'trace') {
    const lastUs = arrivals.atUs.at(-1) ?? 0;
    return { kind: 'trace', ratePerS: lastUs > 0 ? arrivals.atUs.length / (lastUs / 1e6) : 0 };
  }
  const { ratePerS, rampToPerS = null, spacing = 'poisson' } = arrivals;
  return { kind: 'open', ratePerS, rampToPerS, spacing };
}

function generatorOf({ summary, totals, durationS, cpuUs }: Measured, requests: LoadFigures): LoadGenerator {
  const lag = delayOf(totals.lag);
  const late = lag.p99Ms > LIMITING_LAG_MS && lag.p99Ms > LIMITING_LAG_SHARE * requests.p99Ms;
  return {
    lag,
    connectionWait: delayOf(totals.connectionWait),
    connections: summary.connections,
    capReached: summary.capReached,
    cpuCores: durationS > 0 ? cpuUs / 1e6 / durationS : 0,
    cpuUsPerAnswer: requests.answered > 0 ? cpuUs / requests.answered : 0,
    busyShare: summary.busyShare,
    limited: late || summary.busyShare > BUSY_SHARE || (requests.errors['backlog'] ?? 0) > 0,
  };
}

function judged(goal: Goal, requests: LoadFigures): LoadResult['goals'][number] {
  const { metric, limit, text } = goal;
  if (metric === 'errors') {
    const value = requests.due > 0 ? requests.failed / requests.due : 1;
    return { goal: text, value, unit: 'share', met: value <= limit };
  }
  if (metric === 'rate') return { goal: text, value: requests.ratePerS, unit: 'per second', met: requests.ratePerS >= limit };
  const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs, meanMs } = requests;
  const value = { p50: p50Ms, p90: p90Ms, p99: p99Ms, 'p99.9': p999Ms, max: maxMs, mean: meanMs }[metric];
  return { goal: text, value, unit: 'ms', met: requests.answered > 0 && value <= limit };
}

/** Whether a goal would be missed without the generator's own lateness too. */
function isMissedAnyway({ metric, limit }: Goal, value: number, { limited, lag }: LoadGenerator): boolean {
  if (!limited || metric === 'errors') return true;
  if (metric === 'rate') return false;
  const lateMs = { p50: lag.p50Ms, p90: lag.p90Ms, p99: lag.p99Ms, 'p99.9': lag.maxMs, max: lag.maxMs, mean: lag.p90Ms }[metric];
  return value - lateMs > limit;
}

function verdictOf(requests: LoadFigures, goals: LoadResult['goals'], missedForCertain: boolean): LoadResult['verdict'] {
  if (requests.answered === 0) return 'no-answer';
  if (goals.some(({ met }) => !met)) return missedForCertain ? 'goal-missed' : 'inconclusive';
  const tolerated = goals.some(({ unit }) => unit === 'share');
  return requests.failed > 0 && !tolerated ? 'failures' : 'fine';
}

function summaryOf(verdict: LoadResult['verdict'], requests: LoadFigures, goals: LoadResult['goals']): string {
  const { due, failed, errors, answered, p50Ms, p99Ms } = requests;
  const latency = `p50 ${wordMs(p50Ms)}, p99 ${wordMs(p99Ms)}`;
  const kinds = Object.entries(errors).map(([kind, count]) => `${kind} ${wordCount(count)}`);
  const missed = goals.filter(({ met }) => !met).map(({ goal }) => goal);
  switch (verdict) {
    case 'no-answer':
      return due === 0 ? 'No request was due in that time.' : `None of ${wordMany(due, 'request')} was answered: ${kinds.join(', ')}.`;
    case 'goal-missed':
      return `Goal missed: ${missed.join(', ')}; ${latency}.`;
    case 'inconclusive':
      return `The generator was at its limit: whether ${missed.join(', ')} holds can't be said; ${latency}.`;
    case 'failures':
      return `${wordCount(failed)} of ${wordMany(due, 'request')} failed (${kinds.join(', ')}); ${latency}.`;
    default:
      return `${wordMany(answered, 'request')} answered${failed > 0 ? `, ${wordCount(failed)} failed` : ''}; ${latency}.`;
  }
}

function notesOf(
  { arrivals, threads, source }: LoadPlan,
  { summary, durationS }: Measured,
  requests: LoadFigures,
  generator: LoadGenerator,
): string[] {
  const wanted = requests.due / Math.max(durationS, 1e-3);
  const notes = [
    ...source.notes,
    ...(source.scenario === null ? [] : ['The rate is of users who begin; each goes through a sequence of requests.']),
  ];
  if (generator.limited) notes.push(limitWords(generator, threads));
  if (summary.capReached && arrivals.kind !== 'closed')
    notes.push(
      `All ${summary.connections} connections were in use at times: later requests waited for one (p99 ${wordMs(generator.connectionWait.p99Ms)}), and that wait is in their latency. --max-connections opens more.`,
    );
  if (summary.overruns > 0)
    notes.push(
      `On ${wordMany(summary.overruns, 'connection')} bytes came that belong to no answer: the server's Content-Length or framing is wrong.`,
    );
  if (arrivals.kind !== 'closed' && requests.ratePerS < REACHED_SHARE * wanted && requests.answered > 0)
    notes.push(`The server answered ${wordRate(requests.ratePerS)} of ${wordRate(wanted)} requests per second.`);
  return notes;
}

function limitWords({ lag, busyShare }: LoadGenerator, threads: number): string {
  const why =
    busyShare > BUSY_SHARE ? `its thread was busy ${wordShare(busyShare)} of the time` : `p99 of its own lateness is ${wordMs(lag.p99Ms)}`;
  const next = busyShare > BUSY_SHARE ? `--threads ${threads + 1} or a lower rate` : 'a quieter machine or a lower rate';
  return `The load generator itself was at its limit (${why}): the figures say more about it than about the server. Try ${next}.`;
}
