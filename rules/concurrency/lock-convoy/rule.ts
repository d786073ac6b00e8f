import { atMost, evidence, ledgerEvidence, percent, when } from '../../../src/facts/evidence.js';
import { latency } from '../../../src/facts/latency.js';
import { explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { isLock, type LockQueue, lockQueues } from '../../../src/facts/lock-queues.js';
import { optional } from '../../../src/facts/reader.js';
import { crowdedOut, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** Below, a queue is nobody's complaint: a fifth of the 100 ms that are felt (Nielsen's and RAIL's). */
const WAIT_MS = 20;
/** Who waits for so many others' turns meets a queue that does not empty: with steady turns that takes a lock held 5/6 of the time (M/D/1). */
const TURNS_WAITED = 3;
/** Held for less of the time, even as briefly as the quickest hold it, a lock has no queue but one that something else left behind. */
const LEAST_USE = 0.5;
/** Of a route's time. */
const EXPLAINS_SHARE = 0.4;

export const rule: Rule = {
  id: 'concurrency/lock-convoy',
  title: 'Requests queue behind a lock',
  stage: 'stable',
  mimics: ['network/slow-downstream', 'database/connection-pool-too-small', 'runtime/event-loop-blocked', 'threads/pool-starvation'],
  causes: ['http/error-responses'],
  needs: [window, lockQueues, ledgers, latency],
  judge(get) {
    const queues = get(lockQueues);
    const findings = queues.map((queue) => accuse(get, queue)).filter((found) => found !== null);
    if (findings.length > 0) {
      const crowd = crowdedOut(optional(get, threadPressure));
      const [first] = queues;
      // What is held over a call or a timer is not held for want of a core, where that fills it.
      if (!crowd || !first || (first.held && first.held.share >= EXPLAINS_SHARE && first.leastUse >= LEAST_USE))
        return { is: 'present', findings };
      const says = `requests pass a lock one by one, but ${crowd}: it may be held so long for want of one`;
      return { is: 'inconclusive', because: evidence(says, 'lock held', first.holdP50Ms, 'ms') };
    }
    const [longest] = queues;
    if (!longest) return { is: 'absent', because: evidence('no request was let in by another one', 'requests let in', 0, 'requests') };
    const held = explainedBy(get(ledgers), ({ account }) => account === 'wait/lock')[0];
    return {
      is: 'absent',
      because: evidence(
        `${shapeOf(longest)}; such waits hold ${atMost(held)}`,
        'wait for a lock, median',
        longest.waitP50Ms,
        'ms',
        WAIT_MS,
      ),
    };
  },
};

function shapeOf(queue: LockQueue): string {
  const { handOffs, waitP50Ms, holdP50Ms, holders, passedOnShare } = queue;
  const waited = `${handOffs} times a request let others go on that had waited ${waitP50Ms.toFixed(1)} ms (median)`;
  if (passedOnShare < 0.5) return `${waited}, mostly without having waited itself: an answer they share, or a lock that is seldom wanted`;
  return `${waited}, held ${holdP50Ms.toFixed(1)} ms by ${holders.toFixed(1)} at a time`;
}

function accuse(get: FactReader, queue: LockQueue): Present | null {
  const { routes, holdP50Ms, holdP90Ms, waitP50Ms, meanWaiters, maxWaiters, busyShare, inOrderShare, handOffs, held, takenAt, location } =
    queue;
  const [route] = routes;
  if (!route || !isLock(queue) || waitP50Ms < WAIT_MS || waitP50Ms < TURNS_WAITED * holdP50Ms) return null;
  const booked = explainedBy(get(ledgers), ({ account }) => account === 'wait/lock').find((one) => one.route === route);
  // Where requests wait for longer than the ledger is kept at a stretch, those that were let in tell.
  const typicalMs = get(latency).routes.get(route)?.p50Ms ?? 0;
  const share = booked ? booked.share : Math.min(1, waitP50Ms / Math.max(waitP50Ms + holdP50Ms, typicalMs));
  if (share < EXPLAINS_SHARE) return null;
  const perS = 1000 / holdP50Ms;
  const meanwhile = held && held.share >= EXPLAINS_SHARE ? `, ${percent(held.share)} of it waiting for ${held.dest}` : '';
  return {
    confidence: Math.min(0.97, 0.7 + 0.15 * share + (location ? 0.07 : 0) + 0.05 * inOrderShare),
    symptom: 'latency',
    explainedShare: share,
    summary: `${route} waits ${waitP50Ms.toFixed(0)} ms for a lock that is held ${holdP50Ms.toFixed(1)} ms at a time${meanwhile}: no more than ${perS.toFixed(0)} requests per second can pass.`,
    route,
    ...(location ? { location } : {}),
    suffers: routes.slice(1),
    evidence: [
      evidence(
        `held ${holdP50Ms.toFixed(1)} ms (p90 ${holdP90Ms.toFixed(1)} ms) by one request at a time, ${percent(busyShare)} of the time with others waiting`,
        'lock held',
        holdP50Ms,
        'ms',
      ),
      evidence(
        `${handOffs} times passed on, ${percent(inOrderShare)} to whoever had waited longest: ${meanWaiters.toFixed(1)} waited at a time, up to ${maxWaiters}`,
        'waiting at a time',
        meanWaiters,
        'requests',
      ),
      evidence(
        `who waited did so for ${waitP50Ms.toFixed(0)} ms (median), ${(waitP50Ms / holdP50Ms).toFixed(0)} times as long as it is held`,
        'wait for a lock, median',
        waitP50Ms,
        'ms',
        WAIT_MS,
      ),
      ...when(takenAt, ({ file, line, function: name }) =>
        evidence(`it is awaited at ${file}:${line}${name ? ` (${name})` : ''}`, 'lock taken', line, 'line'),
      ),
      ...(booked ? [ledgerEvidence(booked, 'are waiting for another request to let go', EXPLAINS_SHARE)] : []),
    ],
    fixes: [
      {
        says: `Hold it for less: do what can be done before or after outside of it${meanwhile ? `, ${held!.dest} first of all` : ''}. Half as long lets twice as many pass.`,
        code: 'const answer = await ask(id);          // outside\nawait withLock(() => update(id, answer)); // only what must not interleave',
        change: { kind: 'scale-account', account: 'wait/lock', factor: 0.1 },
      },
      { says: 'Lock less: one lock per key (per account, per item) lets requests for different ones pass side by side.' },
      {
        says: 'Do without: an atomic statement of the database (UPDATE ... SET n = n - 1 WHERE n > 0) or a version number needs no lock of yours.',
      },
    ],
  };
}
