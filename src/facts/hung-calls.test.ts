import { describe, expect, it } from 'vitest';
import { WaitFlag } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { downstreams } from './downstream.js';
import { hungCalls } from './hung-calls.js';
import { createReader } from './reader.js';

const STRINGS = ['http', 'http://rates:80', 'GET /rates/:id', 'GET /orders/:id'];
const sites = [{ frames: [{ file: 'src/rates.js', line: 6, function: 'rateOf', source: 'app' as const }] }];
const UNKNOWN = [-1, -1, -1, -1];

/** Twenty answered calls of 20 ms; five that hang; one of them belongs to a request that was answered all the same. */
function seen(givenUpAfterUs = 0) {
  const requests: number[][] = [];
  const turns: number[][] = [];
  const waits: number[][] = [];
  for (let id = 1; id <= 25; id++) {
    const beganUs = id * 100_000;
    const hangs = id > 20;
    turns.push([0, beganUs, 100, id]);
    if (!hangs || id === 21) requests.push([0, id, beganUs, beganUs + 30_000, 3, 200, 10, 4000 + id, 100, 0]);
    const endUs = hangs ? 9_900_000 : beganUs + (givenUpAfterUs && id === 1 ? givenUpAfterUs : 20_000);
    const flags = hangs ? WaitFlag.open : givenUpAfterUs && id === 1 ? WaitFlag.failed : 0;
    waits.push([0, id, 0, 0, 1, beganUs, endUs, flags, ...UNKNOWN, 2]);
  }
  return createReader(buildRecording({ strings: STRINGS, rows: { requests, turns, waits }, documents: { sites } }));
}

describe('calls that hang', () => {
  it('counts them, and the requests that wait for them', () => {
    const [calls] = seen()(hungCalls);
    expect(calls).toMatchObject({ server: 'http://rates:80', question: 'GET /rates/:id', hung: 5, held: 4, answered: 20, answerP50Ms: 20 });
    expect(calls).toMatchObject({ oldestMs: 7800, givenUp: 0, route: 'GET /orders/:id', location: { file: 'src/rates.js', line: 6 } });
  });
  it('sees that others were given up', () => {
    expect(seen(2_000_000)(hungCalls)[0]).toMatchObject({ givenUp: 1, givenUpMs: 2000 });
  });
  it('keeps them out of what answers take', () => {
    expect(seen()(downstreams)[0]).toMatchObject({ calls: 20, p99Ms: 20 });
  });
});
