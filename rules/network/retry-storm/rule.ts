import { evidence, percent } from '../../../src/facts/evidence.js';
import { type Retries, retries } from '../../../src/facts/retries.js';
import { window } from '../../../src/facts/window.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** Calls for each question meant. Budgets for retries are a tenth on top ("Site Reliability Engineering", 22); from here on it is half. */
const AMPLIFIED = 1.5;
/** One more try is ordinary. */
const TRIES = 3;
/** Of all calls: the other side is in trouble, and not only now and then. */
const FAILED_SHARE = 0.3;
/** Clients that back off begin with 100 ms or more, or with a random part of it. */
const PAUSE_MS = 50;
/** From pause to pause; backing off doubles it. */
const PAUSE_GROWTH = 1.5;
const FEWEST_REPEATED = 10;
/** Of the route's requests, and of their time. */
const REQUEST_SHARE = 0.1;
const EXPLAINS_SHARE = 0.4;
/** Where numbers do not tell that the same is asked: it ends with the answer, nearly always. */
const ENDS_SHARE = 0.9;

export const rule: Rule = {
  id: 'network/retry-storm',
  title: 'Retry storm',
  stage: 'nursery',
  mimics: ['network/slow-downstream', 'database/n-plus-one', 'network/missing-timeout', 'concurrency/sequential-awaits'],
  causes: ['network/slow-downstream', 'http/error-responses', 'http/no-keepalive', 'database/connection-pool-too-small'],
  needs: [window, retries],
  judge(get) {
    const all = get(retries);
    const storms = all.filter(isStorm);
    const certain = storms.filter(({ endsShare }) => endsShare !== null && endsShare >= ENDS_SHARE);
    if (certain.length > 0) return { is: 'present', findings: perLine(certain).map(describe) };
    const open = storms.find(({ endsShare }) => endsShare === null);
    if (open) {
      const says = `${open.route} makes ${open.tries} calls of ${named(open)} in a row that fail, but whether they ask for the same is not known`;
      return { is: 'inconclusive', because: evidence(says, 'calls per question', open.calls / open.asked, 'times', AMPLIFIED) };
    }
    const [most] = all;
    if (!most) return { is: 'absent', because: evidence('no request asks others anything', 'calls per question', 0, 'times', AMPLIFIED) };
    const factor = most.calls / most.asked;
    const says =
      most.repeated > 0
        ? `${most.failed} of ${most.calls} calls of ${named(most)} failed, ${most.repeated} questions of ${most.asked} were asked again, ${most.pauseMs.toFixed(0)} ms later (median), up to ${most.mostTries} times`
        : `nothing was asked again after a failure; ${most.failed} of ${most.calls} calls of ${named(most)} failed`;
    return { is: 'absent', because: evidence(says, 'calls per question', factor, 'times', AMPLIFIED) };
  },
};

function isStorm({ asked, calls, failed, repeated, tries, pauseMs, pauseGrowth, requestShare, againShare }: Retries): boolean {
  if (repeated < FEWEST_REPEATED || calls < AMPLIFIED * asked || failed < FAILED_SHARE * calls || tries < TRIES) return false;
  return pauseMs < PAUSE_MS && pauseGrowth < PAUSE_GROWTH && requestShare >= REQUEST_SHARE && againShare >= EXPLAINS_SHARE;
}

function named({ question, server }: Retries): string {
  return question ? `${server} "${question}"` : server;
}

/** One loop may ask for several routes. */
function perLine(storms: readonly Retries[]): Retries[] {
  const lineOf = ({ location, route }: Retries): string => (location ? `${location.file}:${location.line}` : route);
  return storms.filter((storm, i) => storms.findIndex((one) => lineOf(one) === lineOf(storm)) === i);
}

function describe(storm: Retries): Present {
  const { route, asked, calls, failed, repeated, givenUp, tries, mostTries, pauseMs, againMs, againShare, requestShare, location } = storm;
  const factor = calls / asked;
  return {
    confidence: Math.min(0.95, 0.75 + 0.1 * againShare + (location ? 0.05 : 0) + (factor >= 2 ? 0.05 : 0)),
    symptom: givenUp > repeated / 2 ? 'errors' : 'latency',
    explainedShare: againShare,
    summary: `${route} asks ${named(storm)} again at once when it fails, up to ${mostTries} times: ${calls} calls for ${asked} questions, ${factor.toFixed(1)} times the load on a service that refuses it already.`,
    route,
    ...(location ? { location } : {}),
    evidence: [
      evidence(
        `${calls} calls for ${asked} questions, ${failed} of them failed or were refused`,
        'calls per question',
        factor,
        'times',
        AMPLIFIED,
      ),
      evidence(
        `${repeated} questions were asked again: ${tries} times (median), up to ${mostTries}; ${givenUp} of them had no answer in the end`,
        'tries',
        tries,
        'calls',
        TRIES,
      ),
      evidence(
        `the next try begins ${pauseMs.toFixed(1)} ms after the failure (median), and no later each time`,
        'pause',
        pauseMs,
        'ms',
        PAUSE_MS,
      ),
      evidence(
        `${percent(requestShare)} of the requests of ${route} asked again: for ${againMs.toFixed(0)} ms, ${percent(againShare)} of their time (median)`,
        'share of the request',
        againShare,
        'share',
        EXPLAINS_SHARE,
      ),
    ],
    fixes: [
      {
        says: 'Wait before the next try, longer each time and by chance, and try twice at most: then a service in trouble has less to do instead of more.',
        code: 'await delay(Math.random() * 100 * 2 ** attempt); // 0-100 ms, 0-200 ms, ...',
      },
      { says: 'Give retries a budget for the whole process (a tenth of all calls): beyond it, fail at once.' },
      {
        says: 'Stop asking for a while when most calls fail (a circuit breaker), and answer with what you have. Try again in one layer only.',
      },
    ],
  };
}
