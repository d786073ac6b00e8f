import { expect, it } from 'vitest';
import { WaitFlag } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { leakedConnections } from './leaked-connections.js';
import { createReader } from './reader.js';

const STRINGS = ['db/held', 'pg://db/shop pool of 4', 'GET /accounts/:id', 'db/pool-wait'];
const sites = [{ frames: [{ file: 'src/accounts.js', line: 6, function: 'balanceOf', source: 'app' as const }] }];
const END_US = 9_900_000;

it('takes idle connections whose request was answered long ago for lost, not those of requests that still run', () => {
  const answered = [1, 2, 3].map((id) => [0, id, id * 1e6, id * 1e6 + 5000, 2, 500, 10, 4000 + id, 100, 0]);
  const lastMoment = [0, 4, 9.2e6, 9.3e6, 2, 200, 10, 4004, 100, 0];
  const held = [1, 2, 3, 4, 5].map((id) => [0, id, 0, 0, 1, Math.min(id * 1e6, 8.5e6), END_US, WaitFlag.open]);
  const nobodys = [0, 0, 0, 0, 1, 2e6, END_US, WaitFlag.open];
  const justTaken = [0, 0, 0, 0, 1, 8e6, END_US, WaitFlag.open];
  const waiting = [0, 9, 3, -1, 1, 8e6, END_US, WaitFlag.open];
  const recording = buildRecording({
    strings: STRINGS,
    rows: { requests: [...answered, lastMoment], turns: [[0, 1e6, 100, 1]], waits: [...held, nobodys, justTaken, waiting] },
    documents: { sites },
  });
  expect(createReader(recording)(leakedConnections)).toMatchObject([
    {
      server: 'pg://db/shop',
      size: 4,
      leaked: 4,
      afterAnswer: 3,
      waiting: 1,
      gaveUp: 0,
      route: 'GET /accounts/:id',
      location: { file: 'src/accounts.js', line: 6 },
    },
  ]);
});
