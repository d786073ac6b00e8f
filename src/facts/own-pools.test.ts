import { expect, it } from 'vitest';
import type { Fact } from '../model/fact.js';
import { buildRecording } from '../recording/memory.js';
import { type LockQueue, lockQueues } from './lock-queues.js';
import { ownPools } from './own-pools.js';
import { createReader } from './reader.js';
import { requests } from './requests.js';
import { given, tenSeconds } from './testing.js';
import { window } from './window.js';

const queue: LockQueue = {
  routes: ['GET /stock'],
  handOffs: 200,
  passedOnShare: 0.95,
  holders: 2.9,
  leastUse: 0.9,
  holdP10Ms: 40,
  holdP50Ms: 40,
  holdP90Ms: 44,
  waitP50Ms: 300,
  waitP90Ms: 450,
  meanWaiters: 20,
  maxWaiters: 40,
  inOrderShare: 0.98,
  busyShare: 0.9,
  held: { dest: 'tcp://10.0.0.7:9000', share: 0.97 },
  takenAt: { file: 'src/pool.js', line: 12, function: 'acquire', source: 'app' },
  location: null,
};
const sources = [{ file: 'src/pool.js', firstLine: 1, lines: ["import net from 'node:net';", '', 'const MAX_CONNECTIONS = 3;'] }];

function poolsOf(change: Partial<LockQueue>) {
  const recording = buildRecording({ documents: { sources } });
  const asked = Array.from({ length: 800 }, () => ({ route: 'GET /stock' }));
  const known = new Map<unknown, unknown>([
    given(lockQueues, [{ ...queue, ...change }]),
    given(window, tenSeconds()),
    given(requests, asked as never),
  ]);
  const get = <T>(fact: Fact<T>): T => (known.has(fact) ? (known.get(fact) as T) : createReader(recording)(fact));
  const result = ownPools.compute(recording, get);
  return result.ok ? result.value : [];
}

it('takes a queue that several pass at a time, in order, for a pool, and finds the line that says how many', () => {
  expect(poolsOf({})).toMatchObject([
    {
      server: 'tcp://10.0.0.7:9000',
      size: 3,
      measured: true,
      needed: 3.2,
      waitP50Ms: 300,
      waitP90Ms: 450,
      location: { file: 'src/pool.js', line: 3 },
    },
  ]);
});

it('leaves locks, one lock for each key, shared answers and rare hand-overs alone', () => {
  expect(poolsOf({ holders: 1.2 })).toEqual([]);
  expect(poolsOf({ inOrderShare: 0.5 })).toEqual([]);
  expect(poolsOf({ passedOnShare: 0.1 })).toEqual([]);
  expect(poolsOf({ handOffs: 5 })).toEqual([]);
});
