import { describe, expect, it } from 'vitest';
import { type LatencyOf, latency } from '../../../src/facts/latency.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { type LockQueue, lockQueues } from '../../../src/facts/lock-queues.js';
import { booked, factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/pay.js', line: 12, function: 'pay', source: 'app' as const };
const convoy: LockQueue = {
  routes: ['POST /pay', 'POST /refund'],
  handOffs: 300,
  passedOnShare: 0.97,
  holders: 1,
  leastUse: 0.9,
  holdP10Ms: 30,
  holdP50Ms: 30,
  holdP90Ms: 35,
  waitP50Ms: 400,
  waitP90Ms: 700,
  meanWaiters: 13,
  maxWaiters: 20,
  inOrderShare: 1,
  busyShare: 0.95,
  held: { dest: 'http://bank', share: 0.9 },
  takenAt: { file: 'src/lock.js', line: 3, function: 'acquire', source: 'app' },
  location,
};
const crowded: ThreadPressure = {
  cores: 2,
  cpuCores: 0.3,
  waitingCores: 0.5,
  mainWaitShare: 0.6,
  involuntarySwitchesPerS: 900,
  neighbourCores: 1.5,
  stealCores: 0,
  machineBusyShare: 1,
  byKind: [],
};
const slow = booked({
  'POST /pay': [
    ['wait/lock', 400],
    ['http/response', 30],
  ],
});
const typical = { p50Ms: 430 } as LatencyOf;
const judge = (queue: Partial<LockQueue> | null, ledger = slow, pressure?: ThreadPressure) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(lockQueues, queue ? [{ ...convoy, ...queue }] : []),
      given(ledgers, ledger),
      given(latency, { overall: typical, routes: new Map([['POST /pay', typical]]) }),
      ...(pressure ? [given(threadPressure, pressure)] : []),
    ),
  );

describe('concurrency/lock-convoy', () => {
  it('names the critical section, how long it is held and what it lets pass', () => {
    const verdict = judge({});
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location, route: 'POST /pay', suffers: ['POST /refund'] }] });
    expect(JSON.stringify(verdict)).toContain('no more than 33 requests per second');
    expect(JSON.stringify(verdict)).toContain('src/lock.js:3');
  });
  it('goes by those who were let in where the ledger was not kept for so long', () => {
    expect(judge({}, booked({})).is).toBe('present');
    expect(judge({ waitP50Ms: 100 }, booked({})).is).toBe('absent');
  });
  it.each<[string, Partial<LockQueue>]>([
    ['a pool of several', { holders: 4 }],
    ['an answer that many share', { passedOnShare: 0.1 }],
    ['a lock held briefly', { holdP50Ms: 1, waitP50Ms: 8 }],
    ['a lock that one or two wait for', { waitP50Ms: 80 }],
    ['too few to tell', { handOffs: 4 }],
  ])('is absent for %s', (_, queue) => {
    const verdict = judge(queue);
    expect(verdict.is).toBe('absent');
  });
  it('is absent where requests spend their time otherwise', () => {
    const ledger = booked({
      'POST /pay': [
        ['wait/lock', 400],
        ['db/execute', 1600],
      ],
    });
    expect(judge({}, ledger).is).toBe('absent');
  });
  it('is absent where nobody let anybody in', () => {
    expect(judge(null)).toMatchObject({ is: 'absent', because: { value: 0 } });
  });
  it('leaves it open where the holder lacks a core, and not where it waits for another service', () => {
    expect(judge({ held: null }, slow, crowded).is).toBe('inconclusive');
    expect(judge({}, slow, crowded).is).toBe('present');
    // Then a stall of the machine left a queue behind a lock that is mostly free.
    expect(judge({ leastUse: 0.2 }, slow, crowded).is).toBe('inconclusive');
  });
});
