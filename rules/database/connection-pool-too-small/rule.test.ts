import { describe, expect, it } from 'vitest';
import { type ConnectionPool, connectionPools } from '../../../src/facts/connection-pools.js';
import { type LatencyOf, latency } from '../../../src/facts/latency.js';
import type { Ledgers } from '../../../src/facts/ledgers.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { ownPools } from '../../../src/facts/own-pools.js';
import { booked, factsOf, given } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { rule } from './rule.js';

const detail = 'pool of 2 at src/db.js:9 on postgres://db:5432/shop';
const pool: ConnectionPool = {
  server: 'postgres://db:5432/shop',
  size: 2,
  measured: false,
  route: 'GET /stock',
  entries: new Set([`db/pool-wait ${detail}`]),
  waits: 400,
  waitP50Ms: 180,
  waitP90Ms: 320,
  meanWaiters: 12,
  holdMs: 30,
  answerP50Ms: 28,
  wantedPerS: 76,
  needed: 2.3,
  neededAtLeast: 1.5,
  location: { file: 'src/db.js', line: 3, function: '', source: 'app' },
  takenAt: { file: 'src/db.js', line: 9, function: 'stockOf', source: 'app' },
};

const UNKNOWN = { overall: {} as LatencyOf, routes: new Map() };

/** Their median bucket instead of the slowest. */
function typical(waitMs: number, executeMs = 28): Ledgers {
  const value = booked({
    'GET /stock': [
      ['db/pool-wait', waitMs, detail],
      ['db/execute', executeMs, 'x'],
    ],
  });
  const routes = new Map([...value.routes].map(([route, list]) => [route, list.map((one) => ({ ...one, bucket: 'p50' as const }))]));
  return { ...value, routes };
}

const judge = (change: Partial<ConnectionPool> = {}, waitMs = 180, pressure?: Partial<ThreadPressure>) =>
  rule.judge(
    factsOf(
      given(connectionPools, [{ ...pool, ...change }]),
      given(ledgers, typical(waitMs)),
      given(latency, UNKNOWN),
      ...(pressure ? [given(threadPressure, pressure as ThreadPressure)] : []),
    ),
  );

describe('database/connection-pool-too-small', () => {
  it('names where the pool is made and how many connections the load keeps busy', () => {
    expect(judge()).toMatchObject({
      is: 'present',
      findings: [
        { route: 'GET /stock', kind: 'pool', location: { line: 3 }, fixes: [{ change: { kind: 'set-concurrency', from: 2, to: 4 } }, {}] },
      ],
    });
  });
  it('goes by the waits themselves where requests take longer than the ledger is kept at a stretch', () => {
    const facts = [given(connectionPools, [{ ...pool, waitP50Ms: 2000 }]), given(ledgers, booked({}))];
    const slow = { overall: {} as LatencyOf, routes: new Map([['GET /stock', { p50Ms: 2400 } as LatencyOf]]) };
    const verdict = rule.judge(factsOf(...facts, given(latency, slow)));
    expect(verdict).toMatchObject({ is: 'present', findings: [{ explainedShare: 2000 / 2400 }] });
  });
  it('says once what a driver and the hand-overs from request to request both show', () => {
    const facts = [given(connectionPools, [pool]), given(ledgers, typical(180)), given(latency, UNKNOWN)];
    const same = { ...pool, server: `${pool.server} select ?`, entries: new Set(['db/pool-wait', `db/pool-wait ${detail}`]) };
    const verdict = rule.judge(factsOf(...facts, given(ownPools, [same])));
    expect(verdict.is === 'present' && verdict.findings).toHaveLength(1);
  });
  it('is absent near the limit, with both numbers', () => {
    expect(judge({ needed: 1.65 })).toMatchObject({ is: 'absent', because: { value: 1.65, threshold: 2 } });
    expect(judge({ needed: 1.75 }).is).toBe('present');
  });
  it('is absent where each use takes long: then the server, or what else is done meanwhile, is slow', () => {
    expect(judge({ holdMs: 101 }).is).toBe('absent');
    expect(judge({ answerP50Ms: 120 }).is).toBe('absent');
  });
  it('is absent where the wait is short or a small part of a typical request', () => {
    expect(judge({}, 9).is).toBe('absent');
    expect(judge({ waits: 9 }).is).toBe('absent');
  });
  it('tells an agent and a single shared connection from a pool', () => {
    expect(judge({ size: 1, needed: 1.2 })).toMatchObject({ findings: [{ kind: 'one-connection' }] });
    const server = 'http://tax:80';
    expect(judge({ server, measured: true })).toMatchObject({ findings: [{ kind: 'agent-pool' }] });
  });
  it('leaves open what a crowded machine took, unless the wait is far longer than the answers', () => {
    const crowded = { cores: 2, mainWaitShare: 0.6, neighbourCores: 1.5 };
    expect(judge({ waitP50Ms: 50 }, 180, crowded).is).toBe('inconclusive');
    expect(judge({}, 180, crowded).is).toBe('present');
    // Even uses as short as the quickest ones fill it.
    expect(judge({ waitP50Ms: 50, neededAtLeast: 1.8 }, 180, crowded).is).toBe('present');
  });
  it('is absent where nobody waited', () => {
    expect(rule.judge(factsOf(given(connectionPools, []), given(ledgers, booked({})), given(latency, UNKNOWN))).is).toBe('absent');
  });
});
