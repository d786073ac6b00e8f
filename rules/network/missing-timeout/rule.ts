import { evidence, percent } from '../../../src/facts/evidence.js';
import { type HungCalls, hungCalls } from '../../../src/facts/hung-calls.js';
import { optional } from '../../../src/facts/reader.js';
import { crowdedOut, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import type { Evidence, Present, Rule } from '../../../src/model/rule.js';

/** One or two calls without an answer are an accident of the network or of the other side's restart. */
const FEWEST_HELD = 3;
/** Of them, those whose call was seen: others of the same route that got no answer then wait for the same. */
const FEWEST_SEEN = 2;
/** Nobody waits for so long for a call that answers in milliseconds; deadlines of services are one second or two. */
const HUNG_MS = 2000;
/** Times what answers take (p99). */
const BEYOND_ANSWERS = 10;
/** Where nobody ever got an answer, the other side may be one that is waited for on purpose: then so many must be held. */
const FEWEST_OF_SILENT = 10;

export const rule: Rule = {
  id: 'network/missing-timeout',
  title: 'Calls without a deadline hang',
  stage: 'stable',
  mimics: ['network/slow-downstream', 'database/connection-pool-too-small', 'runtime/event-loop-blocked'],
  causes: ['http/error-responses', 'database/connection-pool-too-small', 'network/slow-downstream'],
  needs: [window, hungCalls],
  judge(get) {
    const calls = get(hungCalls);
    const findings = calls.filter(hangs).map(describe);
    if (findings.length > 0) {
      const crowd = crowdedOut(optional(get, threadPressure));
      // Calls that are merely kept from a core end sooner or later: of hung ones even the oldest has not.
      if (crowd && calls.every(({ oldestMs }) => oldestMs < 2 * HUNG_MS))
        return { is: 'inconclusive', because: evidence(`calls hang, but ${crowd}`, 'calls that hang', calls[0]!.hung, 'calls') };
      return { is: 'present', findings };
    }
    const [most] = calls;
    if (!most)
      return {
        is: 'absent',
        because: evidence('every call that was begun more than a second before the end was answered', 'calls that hang', 0, 'calls'),
      };
    const says = `${most.hung} calls of ${named(most)} had no answer when the recording ended, the oldest after ${most.oldestMs.toFixed(0)} ms; ${givenUp(most).says}`;
    return { is: 'absent', because: evidence(says, 'requests held', most.held, 'requests', FEWEST_HELD) };
  },
};

function named({ question, server }: HungCalls): string {
  return question ? `${server} "${question}"` : server;
}

function hangs({ held, unanswered, oldestMs, answered, answerP99Ms, givenUp }: HungCalls): boolean {
  if (givenUp > 0 || oldestMs < Math.max(HUNG_MS, BEYOND_ANSWERS * answerP99Ms)) return false;
  return (held >= FEWEST_SEEN ? Math.max(held, unanswered) : held) >= (answered > 0 ? FEWEST_HELD : FEWEST_OF_SILENT);
}

function givenUp({ givenUp: count, givenUpMs, oldestMs }: HungCalls): Evidence {
  const says =
    count > 0
      ? `${count} were given up after ${givenUpMs.toFixed(0)} ms`
      : `none was given up, not even after ${(oldestMs / 1000).toFixed(1)} s`;
  return evidence(says, 'calls given up', count, 'calls');
}

function describe(calls: HungCalls): Present {
  const { hung, held, oldestMs, answered, answerP50Ms, answerP99Ms, route, routeShare, location, server } = calls;
  const asWell = answered > 0 ? `others answer in ${answerP50Ms.toFixed(0)} ms` : 'none was answered';
  return {
    confidence: Math.min(0.97, 0.75 + (answered > 0 ? 0.1 : 0) + Math.min(0.1, held / 100)),
    symptom: 'latency',
    explainedShare: Math.max(routeShare, 0.2),
    summary: `${held} requests wait for ${named(calls)} for good: the call has no deadline (the oldest is ${(oldestMs / 1000).toFixed(1)} s old, ${asWell}).`,
    ...(route ? { route } : {}),
    ...(location ? { location } : {}),
    evidence: [
      evidence(
        `${hung} calls of ${named(calls)} hung, the oldest for ${oldestMs.toFixed(0)} ms; ${answered} were answered (p50 ${answerP50Ms.toFixed(0)} ms, p99 ${answerP99Ms.toFixed(0)} ms)`,
        'calls that hang',
        hung,
        'calls',
      ),
      evidence(
        `${held} requests${route ? ` of ${route}` : ''} had no answer for want of theirs, ${percent(routeShare)} of its requests`,
        'requests held',
        held,
        'requests',
        FEWEST_HELD,
      ),
      givenUp(calls),
    ],
    fixes: [
      {
        says: `Give the call a deadline, somewhat above what ${server} takes on a bad day (${Math.max(50, 3 * answerP99Ms).toFixed(0)} ms), and decide what to answer without it.`,
        code: server.startsWith('http')
          ? 'await fetch(url, { signal: AbortSignal.timeout(1000) })'
          : "statement_timeout, query_timeout, socket.setTimeout(1000, () => socket.destroy(new Error('timed out')))",
      },
      { says: 'Hand the deadline of the request down to every call it makes, and limit how many calls may be under way at once.' },
    ],
  };
}
