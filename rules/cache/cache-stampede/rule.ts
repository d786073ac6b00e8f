import { evidence, percent } from '../../../src/facts/evidence.js';
import { type Stampede, stampedes } from '../../../src/facts/stampedes.js';
import { window } from '../../../src/facts/window.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** One rush may be a cold start. */
const FEWEST_RUSHES = 2;
/** Of all calls, those that ask what is asked already: from here on the other side works for nothing most of the time. */
const EXTRA_SHARE = 0.5;
/** Requests that come at random ask as often while the same is under way as at other times: there the factor is 1. */
const LIFT = 5;
/** Of the route's requests: without some that need not ask there is no cache in front. */
const ANSWERED_SHARE = 0.2;
/** Where only the line is known and not what exactly is asked, (nearly) everybody who comes meanwhile has to ask, as for one thing. */
const JOINING_SHARE = 0.8;
/** A fifth of the 100 ms that are felt (Nielsen's and RAIL's). */
const CALL_MS = 20;
/** Of the time of the requests that ask. */
const EXPLAINS_SHARE = 0.4;
/** Of the route's slowest twentieth of requests. */
const SLOWEST_SHARE = 0.5;

export const rule: Rule = {
  id: 'cache/cache-stampede',
  title: 'Cache stampede',
  stage: 'nursery',
  mimics: [
    'network/slow-downstream',
    'concurrency/unbounded-concurrency',
    'database/n-plus-one',
    'concurrency/lock-convoy',
    'database/connection-pool-too-small',
    'threads/pool-starvation',
    'runtime/event-loop-blocked',
  ],
  causes: [
    'network/slow-downstream',
    'database/connection-pool-too-small',
    'threads/pool-starvation',
    'http/error-responses',
    'http/no-keepalive',
  ],
  needs: [window, stampedes],
  judge(get) {
    const all = get(stampedes);
    const rushing = all.filter(rushes);
    const certain = rushing.filter(({ exact, joiningShare }) => exact || joiningShare >= JOINING_SHARE);
    if (certain.length > 0) return { is: 'present', findings: perRoute(certain).map(describe) };
    const [open] = rushing;
    if (open) {
      const says = `${open.extra} of ${open.calls} calls of ${named(open)} were begun while others of the same line had no answer yet, but whether they asked for the same is not known`;
      return { is: 'inconclusive', because: evidence(says, 'calls too many', open.extra / open.calls, 'share', EXTRA_SHARE) };
    }
    const [most] = all;
    if (!most) return { is: 'absent', because: evidence('no question was asked six times', 'calls too many', 0, 'share', EXTRA_SHARE) };
    const share = most.extra / most.calls;
    const says = `of ${most.calls} calls of ${named(most)} ${most.extra} were begun while the same was asked already (${most.lift.toFixed(1)} times as often as otherwise); ${percent(most.answeredShare)} of ${most.route} were answered without one`;
    return { is: 'absent', because: evidence(says, 'calls too many', share, 'share', EXTRA_SHARE) };
  },
};

function rushes({ rushes: count, extra, calls, lift, answeredShare, callMs, shareOfRequest, slowestShare }: Stampede): boolean {
  if (count < FEWEST_RUSHES || extra < EXTRA_SHARE * calls || lift < LIFT || answeredShare < ANSWERED_SHARE) return false;
  return callMs >= CALL_MS && shareOfRequest >= EXPLAINS_SHARE && slowestShare >= SLOWEST_SHARE;
}

function named({ question, server }: Stampede): string {
  return question ? `${server} "${question}"` : server;
}

/** What is asked to fill one entry may be several questions. */
function perRoute(found: readonly Stampede[]): Stampede[] {
  const longest = [...found].sort((a, b) => b.callMs - a.callMs);
  return longest.filter(({ route }, i) => longest.findIndex((one) => one.route === route) === i);
}

function describe(found: Stampede): Present {
  const { route, calls, extra, exact, perRush, mostInRush, lift, answeredShare, callMs, quickMs, location } = found;
  const slowed = callMs >= 2 * quickMs ? `, and each takes ${callMs.toFixed(0)} ms instead of ${quickMs.toFixed(0)} ms` : '';
  return {
    confidence: Math.min(0.95, 0.75 + (exact ? 0.1 : 0) + (slowed ? 0.05 : 0) + (location ? 0.05 : 0)),
    symptom: 'latency',
    explainedShare: found.shareOfRequest * found.slowestShare,
    summary: `When nothing is cached, ${perRush} requests of ${route} at a time ask ${named(found)} for the same${slowed}.`,
    route,
    ...(location ? { location } : {}),
    evidence: [
      evidence(
        `${extra} of ${calls} calls were begun while the same was asked already and not yet answered: ${perRush} at a time (median), up to ${mostInRush}`,
        'calls too many',
        extra / calls,
        'share',
        EXTRA_SHARE,
      ),
      evidence(`while it is under way it is asked ${lift.toFixed(0)} times as often as otherwise`, 'asked meanwhile', lift, 'times', LIFT),
      evidence(
        `${percent(answeredShare)} of the requests of ${route} need not ask`,
        'answered without',
        answeredShare,
        'share',
        ANSWERED_SHARE,
      ),
      evidence(
        `who asks waits ${callMs.toFixed(0)} ms (median), ${percent(found.shareOfRequest)} of its time; of the slowest twentieth ${percent(found.slowestShare)} asked`,
        'share of the request',
        found.shareOfRequest,
        'share',
        EXPLAINS_SHARE,
      ),
    ],
    fixes: [
      {
        says: 'Let the first one ask and all others wait for its answer: keep the promise while it is under way, not only the value afterwards.',
        code: 'const load = underWay.get(key) ?? start(key).finally(() => underWay.delete(key));\nunderWay.set(key, load);\nreturn load;',
      },
      { says: 'Renew before it expires, or answer with the old value while one request fetches the new one (stale-while-revalidate).' },
      { says: 'Spread the times of expiry (a random tenth more or less), so that entries made together do not end together.' },
    ],
  };
}
