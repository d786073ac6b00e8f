import { type ConnectionPool, connectionPools } from '../../../src/facts/connection-pools.js';
import { atMost, evidence, ledgerEvidence } from '../../../src/facts/evidence.js';
import { latency } from '../../../src/facts/latency.js';
import { type Explained, explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { ownPools } from '../../../src/facts/own-pools.js';
import { optional } from '../../../src/facts/reader.js';
import { crowdedOut, threadPressure } from '../../../src/facts/threads.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Entry } from '../../../src/model/ledger.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** Of a route's time at p50 or p90: the slowest percent waits in front of every pool that is used at all. */
const EXPLAINS_SHARE = 0.3;
const NOTICED_MS = 10;
const FEWEST_WAITS = 10;
/** Wanted connections over those there are: with random arrivals the wait is six times the use then (M/M/1), and grows without end at 1. */
const FULL = 0.85;
/** Connections that one use keeps for so long are not few, their use is slow (RAIL's 100 ms). */
const SLOW_USE_MS = 100;
/** The typical request takes about as long as those waits: it is one of those who waited. */
const TYPICAL = 0.8;
/** Room for random arrivals: two thirds of the connections busy on average. */
const GOOD_USE = 2 / 3;

export const rule: Rule = {
  id: 'database/connection-pool-too-small',
  title: 'Connection pool too small',
  stage: 'stable',
  mimics: [
    'network/slow-downstream',
    'threads/pool-starvation',
    'runtime/event-loop-blocked',
    'database/n-plus-one',
    'concurrency/lock-convoy',
  ],
  causes: ['http/error-responses'],
  causedBy: ['network/slow-downstream', 'runtime/event-loop-blocked', 'cpu/quota-throttled', 'database/n-plus-one'],
  needs: [connectionPools, ledgers, latency],
  judge(get) {
    const known = get(connectionPools);
    // A driver's pool hands over from request to request as well.
    const own = (optional(get, ownPools) ?? []).filter(({ server }) => !known.some((pool) => server.startsWith(pool.server)));
    const pools = [...known, ...own];
    const findings = pools.map((pool) => accuse(get, pool)).filter((found) => found !== null);
    if (findings.length > 0) {
      const crowd = crowdedOut(optional(get, threadPressure));
      const [first] = pools;
      const fullAnyway = first?.size && first.neededAtLeast >= FULL * first.size;
      if (!crowd || !first || fullAnyway || first.answerP50Ms * 2 < first.waitP50Ms) return { is: 'present', findings };
      const says = `requests wait for a connection to ${first.server}, but ${crowd}: they may be kept for want of one`;
      return { is: 'inconclusive', because: evidence(says, 'wait for a connection, median', first.waitP50Ms, 'ms') };
    }
    const [longest] = pools;
    if (!longest) return { is: 'absent', because: evidence('no request waited for a connection', 'waits', 0, 'waits') };
    const says = `${longest.waits} times a connection to ${longest.server} was waited for, ${longest.waitP50Ms.toFixed(1)} ms (median); ${wanted(longest)}; it holds ${atMost(waitingFor(get, longest))}`;
    return { is: 'absent', because: evidence(says, 'connections wanted', longest.needed, 'connections', longest.size ?? 0) };
  },
};

function waitingFor(get: FactReader, { entries, route, waitP50Ms, answerP50Ms }: ConnectionPool): Explained | undefined {
  const of = ({ account, detail }: Entry) => entries.has(account) || entries.has(`${account} ${detail ?? ''}`);
  const booked = explainedBy(get(ledgers), of, ['p50', 'p90']).find((one) => one.route === route);
  const typicalMs = (route === null ? undefined : get(latency).routes.get(route)?.p50Ms) ?? 0;
  if (route === null || typicalMs < TYPICAL * waitP50Ms) return booked;
  // Requests may wait for longer than the ledger is kept at a stretch, so that it has the short ones only: then those let in tell.
  const measuredMs = Math.max(waitP50Ms + answerP50Ms, typicalMs);
  const share = waitP50Ms / measuredMs;
  return booked && booked.share >= share ? booked : { route, bucket: 'p50', ms: waitP50Ms, share, measuredMs };
}

function wanted({ wantedPerS, holdMs, needed, size, measured }: ConnectionPool): string {
  const there = size === null ? '' : `, of ${measured ? 'about ' : ''}${size}`;
  return `${wantedPerS.toFixed(0)} uses per second x ${holdMs.toFixed(1)} ms keep ${needed.toFixed(1)} busy${there}`;
}

function accuse(get: FactReader, pool: ConnectionPool): Present | null {
  const { server, size, measured, waits, waitP50Ms, waitP90Ms, meanWaiters, holdMs, answerP50Ms, needed, location, takenAt } = pool;
  if (waits < FEWEST_WAITS || size === null || needed < FULL * size) return null;
  // Then the connections are few because each is kept so long: what it is kept for is the cause.
  if (Math.max(holdMs, answerP50Ms) >= SLOW_USE_MS) return null;
  const held = waitingFor(get, pool);
  if (!held || held.share < EXPLAINS_SHARE || held.ms < NOTICED_MS) return null;
  const better = Math.max(size + 1, Math.ceil(needed / GOOD_USE));
  const shared = size === 1 && !measured;
  return {
    confidence: Math.min(0.97, 0.72 + 0.15 * held.share + (measured ? 0 : 0.06) + (needed > size ? 0.04 : 0)),
    symptom: 'latency',
    explainedShare: held.share,
    kind: server.startsWith('http') ? 'agent-pool' : shared ? 'one-connection' : 'pool',
    summary: `${held.route} waits ${held.ms.toFixed(0)} ms for ${shared ? 'the one connection' : `one of ${size} connections`} to ${server}, which answers in ${answerP50Ms.toFixed(1)} ms: the load keeps ${needed.toFixed(1)} busy.`,
    route: held.route,
    ...(location ? { location } : {}),
    evidence: [
      evidence(wanted(pool), 'connections wanted', needed, 'connections', size),
      evidence(
        `${waits} times a connection was waited for, ${waitP50Ms.toFixed(0)} ms (p90 ${waitP90Ms.toFixed(0)} ms), ${meanWaiters.toFixed(1)} waiting at a time`,
        'wait for a connection, median',
        waitP50Ms,
        'ms',
        NOTICED_MS,
      ),
      evidence(`${server} itself answers in ${answerP50Ms.toFixed(1)} ms (median)`, 'answer, median', answerP50Ms, 'ms', SLOW_USE_MS),
      ledgerEvidence(held, 'are waiting for a connection', EXPLAINS_SHARE),
      ...(takenAt ? [evidence(`it is taken at ${takenAt.file}:${takenAt.line}`, 'connection taken', takenAt.line, 'line')] : []),
    ],
    fixes: [
      {
        says: `Make room for ${better} connections, if the server has it for all processes together.`,
        code: server.startsWith('http') ? `new http.Agent({ keepAlive: true, maxSockets: ${better} })` : `new Pool({ max: ${better} })`,
        change: { kind: 'set-concurrency', resource: server, from: size, to: better },
      },
      {
        says:
          holdMs > 2 * answerP50Ms
            ? `Keep a connection for less: it is out for ${holdMs.toFixed(0)} ms, of which the server answers in ${answerP50Ms.toFixed(1)} ms. Take it late, give it back early, do nothing else meanwhile.`
            : 'Ask less: fewer statements per request leave each connection free sooner.',
      },
    ],
  };
}
