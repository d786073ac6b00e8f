import { evidence, percent } from '../../../src/facts/evidence.js';
import { type Flood, floods } from '../../../src/facts/floods.js';
import { latency } from '../../../src/facts/latency.js';
import { optional } from '../../../src/facts/reader.js';
import { crowdedOut, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** More than pools (10), browsers (6 per host) and libuv (4) have places for, several times over. */
const MANY_AT_ONCE = 50;
/** A call takes so many times as long as one that nobody is in the way of: they queue. Where the other side keeps up, it is about once. */
const QUEUES = 3;
/** What is felt (Nielsen's and RAIL's 100 ms). */
const SPAN_MS = 100;
/** Of the route's time. */
const EXPLAINS_SHARE = 0.4;
const FEWEST_REQUESTS = 2;
const FEWEST_ALONE = 4;

export const rule: Rule = {
  id: 'concurrency/unbounded-concurrency',
  title: 'Hundreds of calls at once',
  stage: 'nursery',
  mimics: [
    'network/slow-downstream',
    'database/n-plus-one',
    'threads/pool-starvation',
    'concurrency/lock-convoy',
    'runtime/event-loop-blocked',
  ],
  causes: ['network/slow-downstream', 'threads/pool-starvation', 'http/error-responses', 'http/no-keepalive'],
  needs: [window, floods, latency],
  judge(get) {
    const all = get(floods);
    const findings = all.map((flood) => accuse(get, flood)).filter((found) => found !== null);
    if (findings.length > 0) {
      const crowd = crowdedOut(optional(get, threadPressure));
      // Others' calls beside it and at other times were made on the same crowded machine.
      if (!crowd || all.some((flood) => harms(flood) || isSeenAlone(flood))) return { is: 'present', findings };
      const says = `${all[0]!.atOnce} calls of one request were under way at once, but ${crowd}: they may only have queued for one`;
      return { is: 'inconclusive', because: evidence(says, 'calls at once', all[0]!.atOnce, 'calls', MANY_AT_ONCE) };
    }
    const [most] = [...all].sort((a, b) => b.atOnce - a.atOnce);
    if (!most) {
      const says = 'no request had 20 calls to one destination under way at a time';
      return { is: 'absent', because: evidence(says, 'calls at once', 0, 'calls', MANY_AT_ONCE) };
    }
    const says = `${most.route} has ${most.atOnce} calls to ${most.dest} under way at once, for ${most.spanMs.toFixed(0)} ms; a call takes ${most.callMs.toFixed(1)} ms then, ${most.freeMs.toFixed(1)} ms alone`;
    return { is: 'absent', because: evidence(says, 'calls at once', most.atOnce, 'calls', MANY_AT_ONCE) };
  },
};

function harms({ others }: Flood): boolean {
  return others !== null && others.duringMs >= QUEUES * others.elseMs;
}

function isSeenAlone({ alone, callMs, freeMs }: Flood): boolean {
  return alone >= FEWEST_ALONE && callMs >= QUEUES * freeMs;
}

function accuse(get: FactReader, flood: Flood): Present | null {
  const { dest, route, requests, atOnce, spanMs, callMs, freeMs, others, location } = flood;
  if (requests < FEWEST_REQUESTS || atOnce < MANY_AT_ONCE || spanMs < SPAN_MS || callMs < QUEUES * freeMs) return null;
  const typicalMs = get(latency).routes.get(route)?.p50Ms ?? 0;
  const share = typicalMs > 0 ? Math.min(1, spanMs / typicalMs) : 0;
  if (share < EXPLAINS_SHARE) return null;
  const harmed = harms(flood);
  return {
    confidence: Math.min(0.95, 0.7 + 0.15 * share + (location ? 0.05 : 0) + (harmed ? 0.05 : 0)),
    symptom: 'latency',
    explainedShare: share,
    summary: `One request of ${route} begins ${atOnce} calls to ${dest} at once; they queue, and each takes ${callMs.toFixed(0)} ms instead of ${freeMs.toFixed(1)} ms${harmed ? ', for everybody else as well' : ''}.`,
    route,
    ...(location ? { location } : {}),
    evidence: [
      evidence(
        `${atOnce} calls to ${dest} under way at once in ${requests} requests (median)`,
        'calls at once',
        atOnce,
        'calls',
        MANY_AT_ONCE,
      ),
      evidence(
        `a call takes ${callMs.toFixed(1)} ms then, and ${freeMs.toFixed(1)} ms with nobody in its way`,
        'slowed down',
        callMs / Math.max(0.001, freeMs),
        'times',
        QUEUES,
      ),
      ...(others
        ? [
            evidence(
              `calls of other requests to it: ${others.duringMs.toFixed(1)} ms in the meantime, ${others.elseMs.toFixed(1)} ms otherwise (median)`,
              "others' calls meanwhile",
              others.duringMs,
              'ms',
            ),
          ]
        : []),
      evidence(
        `from the first call to the last answer ${spanMs.toFixed(0)} ms, ${percent(share)} of the route's time`,
        'ledger share',
        share,
        'share',
        EXPLAINS_SHARE,
      ),
    ],
    fixes: [
      { says: `Ask once for all of them, if ${dest} has a call that takes a list.` },
      {
        says: 'Begin a few at a time. As many as can be worked on at once take no longer in all, and leave room for others.',
        code: 'for (let i = 0; i < ids.length; i += 8) rows.push(...await Promise.all(ids.slice(i, i + 8).map(load)));',
      },
    ],
  };
}
