import { type Downstream, downstreams } from '../../../src/facts/downstream.js';
import { atMost, evidence, ledgerEvidence } from '../../../src/facts/evidence.js';
import { explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { optional } from '../../../src/facts/reader.js';
import { crowdedOut, threadPressure } from '../../../src/facts/threads.js';
import { unseenWait } from '../../../src/facts/unseen-wait.js';
import { window } from '../../../src/facts/window.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Entry } from '../../../src/model/ledger.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** A call this long is felt by whoever waits for the page (Nielsen's and RAIL's 100 ms), however short the rest is. */
const SLOW_CALL_MS = 100;
/** Quick answers add up where a request waits for one before it asks for the next: so many calls, this long in all. */
const CHAINED_CALLS = 3;
const CHAIN_MS = 200;
/** Of a route's time in some percentile neighbourhood. */
const EXPLAINS_SHARE = 0.4;
const FEWEST_CALLS = 5;
/** Nothing on the same machine is that slow for want of a core alone. */
const SLOW_FOR_SURE_MS = 400;

export const rule: Rule = {
  id: 'network/slow-downstream',
  title: 'Slow downstream service',
  stage: 'stable',
  mimics: [
    'runtime/event-loop-blocked',
    'threads/pool-starvation',
    'threads/oversubscription',
    'cpu/quota-throttled',
    'cpu/noisy-neighbour',
  ],
  causes: ['http/error-responses'],
  needs: [window, downstreams, ledgers],
  judge(get) {
    const called = get(downstreams);
    const findings = called.map((downstream) => accuse(get, downstream)).filter((found) => found !== null);
    if (findings.length > 0) {
      // On a machine without a core to spare, what a neighbour takes to answer says nothing about the neighbour.
      const here = called.find(({ local }) => local);
      const crowd = crowdedOut(optional(get, threadPressure));
      if (here && crowd && !isSlowForSure(here)) {
        const says = `${here.dest} on this machine took ${here.p90Ms.toFixed(0)} ms (p90) to answer, but ${crowd}: it may only have lacked one`;
        return { is: 'inconclusive', because: evidence(says, 'downstream p90', here.p90Ms, 'ms', SLOW_CALL_MS) };
      }
      return { is: 'present', findings };
    }
    const [slowest] = [...called].sort((a, b) => b.p90Ms - a.p90Ms);
    if (!slowest) return unseenWait(get) ?? { is: 'absent', because: evidence('no outgoing call was made', 'outgoing calls', 0, 'calls') };
    const held = explainedBy(get(ledgers), isAnswer)[0];
    const { flood } = slowest;
    const alone = flood ? `, where ${flood.atOnce} of one request queue; alone it takes ${flood.freeMs.toFixed(1)} ms` : '';
    return {
      is: 'absent',
      because: evidence(
        `the slowest, ${slowest.dest}, answered in ${slowest.p50Ms.toFixed(1)} ms (p90 ${slowest.p90Ms.toFixed(1)} ms)${alone}; calls hold ${atMost(held)}`,
        'downstream p90',
        slowest.p90Ms,
        'ms',
        SLOW_CALL_MS,
      ),
    };
  },
};

/** For want of a core some answers are late, but not the quickest ones as well. */
function isSlowForSure({ p10Ms, p90Ms, perRequest, slowest }: Downstream): boolean {
  const [least, most] = [Math.max(p10Ms, slowest?.p10Ms ?? 0), Math.max(p90Ms, slowest?.p90Ms ?? 0)];
  return most >= SLOW_FOR_SURE_MS || least >= SLOW_CALL_MS || (perRequest >= CHAINED_CALLS && p10Ms * perRequest >= CHAIN_MS);
}

function isAnswer({ account }: Entry): boolean {
  return account === 'http/response' || account === 'net/response';
}

function accuse(get: FactReader, downstream: Downstream): Present | null {
  const { dest, calls, failed, perRequest, p50Ms, p90Ms, p99Ms, slowest, flood, location } = downstream;
  const slowOne = slowest && slowest.p90Ms >= SLOW_CALL_MS ? slowest : null;
  const chained = !slowOne && p90Ms < SLOW_CALL_MS;
  if (calls < FEWEST_CALLS || (flood && flood.freeMs < SLOW_CALL_MS) || (chained && perRequest < CHAINED_CALLS)) return null;
  const waiting = explainedBy(get(ledgers), (entry) => isAnswer(entry) && entry.detail === dest);
  // Of calls at the same time only the last one is on a request's path: what adds up to more than one call was one after another.
  const worst = waiting.filter((route) => route.ms >= (chained ? CHAIN_MS : SLOW_CALL_MS)).sort((a, b) => b.share - a.share)[0];
  if (!worst || worst.share < EXPLAINS_SHARE) return null;
  return {
    confidence: Math.min(0.98, 0.7 + 0.2 * worst.share + (location ? 0.08 : 0)),
    symptom: 'latency',
    explainedShare: worst.share,
    summary: chained
      ? `${worst.route} calls ${dest} ${perRequest.toFixed(0)} times, one after another; ${p50Ms.toFixed(0)} ms each add up to ${worst.ms.toFixed(0)} ms.`
      : `${dest} takes ${(slowOne ?? downstream).p50Ms.toFixed(0)} ms to answer ${slowOne ? `"${slowOne.question}"` : `(p99 ${p99Ms.toFixed(0)} ms)`}, and ${worst.route} waits for it.`,
    route: worst.route,
    ...(location ? { location } : {}),
    suffers: waiting.filter((route) => route.ms >= SLOW_CALL_MS && route.route !== worst.route).map((route) => route.route),
    evidence: [
      evidence(
        `${calls} calls, ${perRequest.toFixed(1)} per request: p50 ${p50Ms.toFixed(0)} ms, p90 ${p90Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms${slowOne ? `; ${slowOne.calls} "${slowOne.question}": p90 ${slowOne.p90Ms.toFixed(0)} ms` : ''}`,
        'downstream p90',
        (slowOne ?? downstream).p90Ms,
        'ms',
        SLOW_CALL_MS,
      ),
      ledgerEvidence(worst, 'are its answer; time in which our own thread was busy is not counted', EXPLAINS_SHARE),
      ...(failed > 0 ? [evidence(`${failed} of ${calls} calls failed`, 'failed calls', failed, 'calls')] : []),
    ],
    fixes: [
      ...(chained ? [{ says: 'Ask for all of them at once: one call that takes a list, or Promise.all.' }] : []),
      {
        says: `Make ${dest} faster, or ask it less: cache its answers, ask for several at once, or do it after the response where the caller need not wait.`,
        change: { kind: 'scale-account', account: dest.startsWith('tcp:') ? 'net/response' : 'http/response', detail: dest, factor: 0.1 },
      },
      {
        says: 'Give the call a deadline and a fallback, so that its bad days stay its own.',
        code: 'fetch(url, { signal: AbortSignal.timeout(1000) })',
      },
    ],
  };
}
