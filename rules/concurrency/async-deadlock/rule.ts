import { evidence, percent } from '../../../src/facts/evidence.js';
import { type StuckRequests, stuckRequests } from '../../../src/facts/stuck-requests.js';
import { window } from '../../../src/facts/window.js';
import type { Present, Rule } from '../../../src/model/rule.js';

const FEWEST_STUCK = 5;
/** Known where they stand; what one request does tells little. */
const FEWEST_SEEN = 2;
/** Who has asked somebody else waits for them, and not for a promise of our own. */
const ASKING_SHARE = 0.2;

/** No answer for so long, and for so many times the slowest answer: there will be none any more. */
const SILENT_MS = 500;
const TIMES_SLOWEST = 3;

export const rule: Rule = {
  id: 'concurrency/async-deadlock',
  title: 'Requests wait for promises that nobody settles',
  stage: 'stable',
  mimics: [
    'network/missing-timeout',
    'network/slow-downstream',
    'concurrency/lock-convoy',
    'database/connection-leak',
    'runtime/event-loop-blocked',
  ],
  causes: ['http/error-responses'],
  needs: [window, stuckRequests],
  judge(get) {
    const all = get(stuckRequests);
    const findings = all.map(accuse).filter((found) => found !== null);
    if (findings.length > 0) return { is: 'present', findings };
    const [most] = all;
    if (!most)
      return {
        is: 'absent',
        because: evidence('every request had its answer, or was not late', 'requests stuck', 0, 'requests', FEWEST_STUCK),
      };
    const { route, stuck, seen, askingShare } = most;
    const known = seen === 0 ? 'where they stand was not seen' : `${percent(askingShare)} of those seen had asked somebody else`;
    const because = evidence(`${stuck} requests of ${route} had no answer; ${known}`, 'requests stuck', stuck, 'requests', FEWEST_STUCK);
    return { is: seen < FEWEST_SEEN && stuck >= FEWEST_STUCK ? 'inconclusive' : 'absent', because };
  },
};

function accuse(stuckOnes: StuckRequests): Present | null {
  const { route, stuck, answered, leastMs, slowestAnsweredMs, silentMs, seen, askingShare, standAt } = stuckOnes;
  const [first] = standAt;
  if (stuck < FEWEST_STUCK || seen < FEWEST_SEEN || askingShare > ASKING_SHARE) return null;
  const share = stuck / (stuck + answered);
  const ended = silentMs > Math.max(SILENT_MS, TIMES_SLOWEST * slowestAnsweredMs);
  const at = first ? ` at ${first.location.file}:${first.location.line}` : '';
  return {
    confidence: Math.min(0.95, (first ? 0.75 : 0.65) + 0.02 * Math.min(5, seen) + 0.1 * share),
    symptom: 'errors',
    explainedShare: share,
    kind: ended ? 'deadlock' : 'never-settled',
    summary: ended
      ? `Since some moment ${route} answers nobody any more: ${stuck} requests wait${at} for a promise that only one of them could settle.`
      : `${stuck} of ${stuck + answered} requests of ${route} wait${at} for a promise that is never settled.`,
    route,
    ...(first ? { location: first.location } : {}),
    evidence: [
      evidence(
        `${stuck} requests had no answer after ${(leastMs / 1000).toFixed(1)} s and more; ${answered} were answered, the slowest in ${slowestAnsweredMs.toFixed(0)} ms`,
        'requests stuck',
        stuck,
        'requests',
        FEWEST_STUCK,
      ),
      ...standAt
        .slice(0, 4)
        .map(({ location: { file, line, function: name }, count }) =>
          evidence(`${count} of ${seen} seen stand at ${file}:${line}${name ? ` (${name})` : ''}`, 'stand there', count, 'requests'),
        ),
      evidence(
        `${percent(1 - askingShare)} of those seen had no call under way and no timer set: nothing outside of the process can let them go on`,
        'waiting for others',
        askingShare,
        'share',
        ASKING_SHARE,
      ),
    ],
    fixes: [
      {
        says: 'Settle it on every way out: release in finally, and resolve or reject in every branch and on every error.',
        code: 'await lock.acquire();\ntry {\n  return await work();\n} finally {\n  lock.release();\n}',
      },
      { says: 'Where two locks are taken, take them in one order everywhere, by id for instance.' },
      { says: 'Give the wait a deadline, so that a lost promise costs one request and says so: Promise.race with AbortSignal.timeout.' },
    ],
  };
}
