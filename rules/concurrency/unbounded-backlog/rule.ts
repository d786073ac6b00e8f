import { type Backlog, backlogs } from '../../../src/facts/backlogs.js';
import { evidence, percent, when } from '../../../src/facts/evidence.js';
import { latency } from '../../../src/facts/latency.js';
import { optional } from '../../../src/facts/reader.js';
import { crowdedOut, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** From the first quarter of the time to the last. A queue that is merely long stays as long as it is. */
const GROWTH = 1.5;
/** What is felt (Nielsen's and RAIL's 100 ms). */
const GREW_MS = 100;
/** A quarter may be a little better than the one before. */
const STEADY = 0.9;
/** More comes than is done; a twentieth is what chance makes of some hundred requests. */
const EXCESS = 1.05;
/** Of neighbours by their arrival, those that leave in that order: by chance half of them. */
const IN_ORDER = 0.8;
/** Of the route's time. */
const EXPLAINS_SHARE = 0.4;

export const rule: Rule = {
  id: 'concurrency/unbounded-backlog',
  title: 'Backlog without a bound',
  stage: 'nursery',
  mimics: [
    'concurrency/lock-convoy',
    'concurrency/async-deadlock',
    'network/slow-downstream',
    'network/missing-timeout',
    'database/connection-pool-too-small',
    'runtime/event-loop-blocked',
  ],
  causes: ['http/error-responses', 'memory/heap-leak', 'network/slow-downstream'],
  needs: [window, backlogs, latency],
  judge(get) {
    const all = get(backlogs);
    const findings = all.map((backlog) => accuse(get, backlog)).filter((found) => found !== null);
    if (findings.length > 0) {
      const crowd = crowdedOut(optional(get, threadPressure));
      // Workers that wait for others' answers or timers do not work for want of a core.
      if (!crowd || all.some(({ worked }) => worked !== null)) return { is: 'present', findings };
      const says = `jobs of ${all[0]!.route} wait longer and longer, but ${crowd}: they may only have been done so slowly for want of one`;
      return { is: 'inconclusive', because: evidence(says, 'wait for a job, median', all[0]!.waitP50Ms, 'ms') };
    }
    const [longest] = all;
    if (!longest) return { is: 'absent', because: evidence('no request waits for a job of a queue in here', 'jobs waited for', 0, 'jobs') };
    const { route, jobs, quartersMs, arrivalsPerS, donePerS } = longest;
    const says = `${jobs} requests of ${route} waited for a job in the process, ${quarters(quartersMs)} by quarter of the time; ${arrivalsPerS.toFixed(1)} per second came, ${donePerS.toFixed(1)} were done`;
    return { is: 'absent', because: evidence(says, 'growth of the wait', growthOf(longest), 'times', GROWTH) };
  },
};

function growthOf({ quartersMs }: Backlog): number {
  return quartersMs.at(-1)! / Math.max(1, quartersMs[0]!);
}

function quarters(ms: readonly number[]): string {
  return `${ms.map((one) => one.toFixed(0)).join(', ')} ms`;
}

function accuse(get: FactReader, backlog: Backlog): Present | null {
  const { route, jobs, quartersMs, waitP50Ms, inOrderShare, arrivalsPerS, donePerS, worked, consumer, enqueuedAt } = backlog;
  const grewMs = quartersMs.at(-1)! - quartersMs[0]!;
  const steady = quartersMs.every((ms, i) => i === 0 || ms >= STEADY * quartersMs[i - 1]!);
  if (growthOf(backlog) < GROWTH || grewMs < GREW_MS || !steady || inOrderShare < IN_ORDER || arrivalsPerS < EXCESS * donePerS) return null;
  const share = Math.min(1, waitP50Ms / Math.max(1, get(latency).routes.get(route)?.p50Ms ?? 0));
  if (share < EXPLAINS_SHARE) return null;
  const location = consumer ?? enqueuedAt;
  return {
    confidence: Math.min(0.95, 0.7 + (worked ? 0.1 : 0) + 0.1 * inOrderShare + (location ? 0.05 : 0)),
    symptom: 'latency',
    explainedShare: share,
    summary: `${arrivalsPerS.toFixed(1)} jobs of ${route} come per second and ${donePerS.toFixed(1)} are done: who waits for one waits ${quartersMs.at(-1)!.toFixed(0)} ms by now, and the queue has no bound.`,
    route,
    ...(location ? { location } : {}),
    evidence: [
      evidence(
        `the wait grew all the time: ${quarters(quartersMs)} by quarter (medians)`,
        'growth of the wait',
        growthOf(backlog),
        'times',
        GROWTH,
      ),
      evidence(
        `${arrivalsPerS.toFixed(1)} requests of ${route} came per second, ${donePerS.toFixed(1)} were done`,
        'came for each that was done',
        arrivalsPerS / Math.max(0.1, donePerS),
        'times',
        EXCESS,
      ),
      evidence(
        `${jobs} were let go, ${percent(inOrderShare)} in the order in which they came`,
        'in order',
        inOrderShare,
        'share',
        IN_ORDER,
      ),
      ...when(worked, ({ dest, ms }) =>
        evidence(`a job ends with an answer of ${dest}, which takes ${ms.toFixed(0)} ms (median)`, 'one job', ms, 'ms'),
      ),
      ...when(enqueuedAt, ({ file, line, function: name }) =>
        evidence(`requests wait for their job at ${file}:${line}${name ? ` (${name})` : ''}`, 'enqueued', line, 'line'),
      ),
      evidence(`${waitP50Ms.toFixed(0)} ms of a typical request are that wait`, 'ledger share', share, 'share', EXPLAINS_SHARE),
    ],
    fixes: [
      { says: 'Let as many jobs be worked on at a time as come: arrivals per second times seconds for one, and a third more.' },
      {
        says: 'Bound the queue: what will not get its turn while somebody waits for it is better refused at once, with 503 and Retry-After.',
        code: "if (queue.length >= MAX_WAITING) throw new TooBusy('try again later');",
      },
      { says: 'Where nobody need wait, answer 202 and leave the job to a queue that outlives the process, with workers of its own.' },
    ],
  };
}
