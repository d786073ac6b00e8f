import { findKnee, type Tried } from '../../load/knee.js';
import type { LoadKnee, LoadResult } from '../../model/load-result.js';
import { wordRate } from '../../model/wording.js';
import type { LoadPlan } from './plan.js';

/** A rate that is not reached is not served, whatever the latency of the rest. */
const REACHED_SHARE = 0.95;
const TOLERATED_ERRORS = 0.01;

interface Step extends Tried {
  result: LoadResult;
  because: string;
}

/** Measures rate after rate. The result is that of the best one, with all steps. */
export async function searchKnee(
  plan: LoadPlan,
  measure: (plan: LoadPlan) => Promise<LoadResult>,
  signal: AbortSignal,
): Promise<LoadResult> {
  const { arrivals } = plan;
  const startPerS = arrivals.kind === 'open' ? arrivals.ratePerS : 0;
  let last: LoadResult | null = null;
  const { best, missedAtPerS, steps } = await findKnee<Step>(startPerS, async (ratePerS) => {
    if (signal.aborted) return null;
    const result = await measure({ ...plan, arrivals: { ...arrivals, kind: 'open', ratePerS } });
    last = result;
    return signal.aborted ? null : judged(result, ratePerS);
  });
  const result = best?.tried.result ?? last ?? (await measure(plan));
  const knee: LoadKnee = {
    ratePerS: best?.ratePerS ?? null,
    missedAtPerS,
    steps: steps.map(({ ratePerS, tried: { result: seen, met, because } }) => {
      const { ratePerS: reachedPerS, p50Ms, p99Ms, failed } = seen.requests;
      return { ratePerS, reachedPerS, p50Ms, p99Ms, failed, met, because };
    }),
  };
  const limited = steps.at(-1)?.tried.limited ?? false;
  return {
    ...result,
    window: { ...result.window, endedBy: signal.aborted ? 'interrupted' : 'duration' },
    knee,
    verdict: best ? 'fine' : result.verdict === 'no-answer' ? 'no-answer' : limited ? 'inconclusive' : 'goal-missed',
    summary: summaryOf(knee, plan, limited),
    notes: limited
      ? [
          ...result.notes,
          'The generator came to its limit before the server did: the knee lies higher. Try --threads 2 or a quieter machine.',
        ]
      : result.notes,
  };
}

function judged(result: LoadResult, ratePerS: number): Step {
  const { requests, goals } = result;
  const missed = goals.filter(({ met }) => !met).map(({ goal }) => goal);
  const tooMany = requests.failed > TOLERATED_ERRORS * requests.due && !goals.some(({ unit }) => unit === 'share');
  const because = [
    ...missed,
    ...(tooMany ? ['errors'] : []),
    // Chance alone moves the count of Poisson arrivals by its root.
    ...(requests.ratePerS < REACHED_SHARE * ratePerS - 2 * Math.sqrt(ratePerS / Math.max(1, result.window.durationS))
      ? ['rate not reached']
      : []),
  ].join(', ');
  const met = because === '';
  return { result, met, limited: !met && result.verdict === 'inconclusive', because };
}

function summaryOf({ ratePerS, missedAtPerS }: LoadKnee, { goals }: LoadPlan, limited: boolean): string {
  const wanted = goals.map(({ text }) => text).join(', ');
  if (ratePerS === null)
    return limited ? `The generator was at its limit before ${wanted} could be judged.` : `No rate that was tried meets ${wanted}.`;
  const beyond = missedAtPerS === null ? 'no higher rate was missed' : `missed at ${wordRate(missedAtPerS)}/s`;
  return `The knee lies at ${wordRate(ratePerS)} requests per second: ${wanted} holds there, ${beyond}.`;
}
