import { evidence, percent } from '../../../src/facts/evidence.js';
import { type SerialAwaits, serialAwaits } from '../../../src/facts/serial-awaits.js';
import { window } from '../../../src/facts/window.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** Less is not worth an edit: half of the 100 ms that are felt (Nielsen's and RAIL's). */
const SAVES_MS = 50;
/** Of the route's typical time. With less, something else is what makes it slow. */
const SAVES_SHARE = 0.3;
/** A wait this long is felt by itself (the same 100 ms): where the longest one outweighs what asking at once saves, it is what is slow. */
const SLOW_ALONE_MS = 100;
const OUTWEIGHS = 4 / 3;

export const rule: Rule = {
  id: 'concurrency/sequential-awaits',
  title: 'Independent waits one after another',
  stage: 'stable',
  mimics: ['network/slow-downstream', 'database/n-plus-one', 'concurrency/lock-convoy', 'threads/pool-starvation'],
  // Asked one after another, quick answers of one service are slow together.
  causes: ['network/slow-downstream'],
  needs: [window, serialAwaits],
  judge(get) {
    const all = get(serialAwaits);
    const findings = all.filter((one) => savedMs(one) >= SAVES_MS && savedShare(one) >= SAVES_SHARE && !slowestOutweighs(one)).map(accuse);
    if (findings.length > 0) return { is: 'present', findings: findings.sort((a, b) => b.explainedShare - a.explainedShare) };
    const [most] = all;
    if (!most) {
      const says = 'no function was seen to wait twice in a row for what it could have asked for at once';
      return { is: 'absent', because: evidence(says, 'saved by asking at once', 0, 'ms', SAVES_MS) };
    }
    const says = `asking at once would save ${most.route} ${savedMs(most).toFixed(0)} of ${most.requestMs.toFixed(0)} ms at most`;
    const slowest = slowestOutweighs(most) ? `; what it would still wait for takes ${most.longestMs.toFixed(0)} ms` : '';
    return { is: 'absent', because: evidence(`${says}${slowest}`, 'saved by asking at once', savedMs(most), 'ms', SAVES_MS) };
  },
};

function slowestOutweighs(one: SerialAwaits): boolean {
  return one.longestMs >= SLOW_ALONE_MS && one.longestMs > OUTWEIGHS * savedMs(one);
}

function savedMs({ sumMs, longestMs }: SerialAwaits): number {
  return sumMs - longestMs;
}

function savedShare(one: SerialAwaits): number {
  return Math.min(1, savedMs(one) / Math.max(1, one.requestMs));
}

function accuse(one: SerialAwaits): Present {
  const { route, steps, sumMs, longestMs, requestMs, requests } = one;
  const share = savedShare(one);
  const [first] = steps;
  const location = first!.location;
  const where = location.function || `${location.file}:${location.line}`;
  return {
    confidence: Math.min(0.9, 0.6 + 0.3 * share),
    symptom: 'latency',
    explainedShare: share,
    summary: `${where} waits ${steps.length} times in a row, ${sumMs.toFixed(0)} ms in all, for what does not seem to depend on each other: at once it would take ${longestMs.toFixed(0)} ms.`,
    route,
    location,
    evidence: [
      ...steps.map(({ location: { file, line }, ms, dest }) =>
        evidence(`${file}:${line} waits ${ms.toFixed(0)} ms (${dest})`, 'wait, median', ms, 'ms'),
      ),
      evidence(
        `in this order in nearly all of ${requests} requests; no line in between mentions an earlier answer`,
        'requests looked at',
        requests,
        'requests',
      ),
      evidence(
        `${route}: ${savedMs(one).toFixed(0)} of ${requestMs.toFixed(0)} ms (${percent(share)}) would be saved`,
        'saved share',
        share,
        'share',
        SAVES_SHARE,
      ),
    ],
    fixes: [
      {
        says: 'If they are independent, begin them together and await them together. Mind what they share: a connection in a transaction does one thing at a time, and their sum now meets the other side at once.',
        code: 'const [user, stock] = await Promise.all([loadUser(id), loadStock(id)]);',
      },
    ],
  };
}
