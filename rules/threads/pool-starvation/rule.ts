import { atMost, evidence, ledgerEvidence, percent } from '../../../src/facts/evidence.js';
import { explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { type PoolQueue, type PoolUser, poolQueue } from '../../../src/facts/pool-queue.js';
import { optional } from '../../../src/facts/reader.js';
import { crowdedOut, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import type { Evidence, Fix, Rule } from '../../../src/model/rule.js';

/** A trivial task (one stat) that waits this long had others in front of it; contention for cores alone showed up to 16 ms. */
const PROBE_WAIT_MS = 20;
const EXPLAINS_SHARE = 0.2;
const NOTICED_MS = 10;
/** Own threads wanting this many cores per core: then the pool's threads wait for cores, not tasks for threads. */
const CORES_CONTENDED = 2.5;

export const rule: Rule = {
  id: 'threads/pool-starvation',
  title: 'libuv thread pool starved',
  stage: 'stable',
  mimics: [
    'runtime/event-loop-blocked',
    'threads/oversubscription',
    'network/slow-downstream',
    'cpu/quota-throttled',
    'cpu/noisy-neighbour',
  ],
  causes: ['http/error-responses'],
  needs: [window, poolQueue, ledgers],
  judge(get) {
    const pool = get(poolQueue);
    const pressure = optional(get, threadPressure);
    const [worst] = explainedBy(get(ledgers), (entry) => entry.account === 'pool/wait').sort((a, b) => b.share - a.share);
    const says = `a trivial task waited ${pool.probeP50Ms.toFixed(1)} ms (p90 ${pool.probeP90Ms.toFixed(1)} ms) for one of ${pool.threads} pool threads`;
    const signal = ['pool probe p90', pool.probeP90Ms, 'ms', PROBE_WAIT_MS] as const;
    const known = pool.meanInFlight;
    if (pool.probeP90Ms < PROBE_WAIT_MS)
      return { is: 'absent', because: evidence(`${says}; ${known.toFixed(1)} tasks in flight on average`, ...signal) };
    const contended = pressure ? (pressure.cpuCores + pressure.waitingCores) / pressure.cores : 0;
    if (contended > CORES_CONTENDED && known < pool.threads) {
      return {
        is: 'absent',
        because: evidence(
          `${says}, but only ${known.toFixed(1)} tasks were in flight: the pool's threads waited for cores, not tasks for threads`,
          ...signal,
        ),
      };
    }
    if (!worst || worst.share < EXPLAINS_SHARE || worst.ms < NOTICED_MS) {
      return { is: 'absent', because: evidence(`${says}, and ${atMost(worst)} went into it`, ...signal) };
    }
    const crowd = crowdedOut(pressure);
    if (crowd && pool.probeP50Ms < PROBE_WAIT_MS) {
      return { is: 'inconclusive', because: evidence(`${says}, but ${crowd}: tasks may only have lacked a core`, ...signal) };
    }
    const hog = pool.unseen ? undefined : pool.users[0];
    const by = hog ? `, which ${hog.dest} keeps busy` : pool.unseen ? `, which work of native add-ons keeps busy` : '';
    const location = hog?.location ?? pool.unseen?.location;
    return {
      is: 'present',
      findings: [
        {
          confidence: confidenceOf(pool),
          symptom: 'latency',
          explainedShare: worst.share,
          summary: `Tasks queue for libuv's ${pool.threads === 1 ? 'only thread' : `${pool.threads} threads`}${by}; files, DNS and crypto of every route wait in the same queue.`,
          route: worst.route,
          ...(location ? { location } : {}),
          evidence: [
            evidence(says, ...signal),
            evidence(
              `${known.toFixed(1)} known tasks in flight on average, for ${pool.threads} threads`,
              'tasks in flight',
              known,
              'tasks',
              pool.threads,
            ),
            ...users(pool),
            ledgerEvidence(worst, 'are queueing for the pool', EXPLAINS_SHARE),
          ],
          fixes: fixesFor(pool, hog),
        },
      ],
    };
  },
};

function users(pool: PoolQueue): Evidence[] {
  return pool.users
    .slice(0, 3)
    .map((user) =>
      evidence(
        `${user.dest}: ${user.tasks} tasks, ${user.medianWorkMs.toFixed(1)} ms each, ${percent(user.shareOfWork)} of the pool's work${user.location ? ` (${user.location.file}:${user.location.line})` : ''}`,
        `pool work of ${user.dest}`,
        user.shareOfWork,
        'share',
      ),
    );
}

function fixesFor(pool: PoolQueue, hog: PoolUser | undefined): Fix[] {
  return [
    {
      says: hog
        ? `Take ${hog.dest} out of the pool or do less of it: limit how many run at once, cache results, or give it worker threads of its own.`
        : 'Find what fills the pool and limit how many of it run at once.',
    },
    {
      says: 'More pool threads help only while cores are free for them.',
      code: `UV_THREADPOOL_SIZE=${pool.threads * 2} node server.js`,
      change: { kind: 'set-concurrency', resource: 'libuv', from: pool.threads, to: pool.threads * 2 },
    },
  ];
}

function confidenceOf({ meanInFlight, threads, users, probeP50Ms }: PoolQueue): number {
  const full = meanInFlight >= threads ? 0.15 : 0;
  const oneUser = (users[0]?.shareOfWork ?? 0) > 0.7 ? 0.1 : 0;
  const always = probeP50Ms >= PROBE_WAIT_MS ? 0.08 : 0;
  return Math.min(0.98, 0.65 + full + oneUser + always);
}
