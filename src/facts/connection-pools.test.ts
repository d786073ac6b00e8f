import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { connectionPools } from './connection-pools.js';
import { createReader } from './reader.js';

const frame = (line: number) => ({ file: 'src/db.js', line, function: 'stock', source: 'app' as const });
const sources = [
  {
    file: 'src/db.js',
    firstLine: 1,
    lines: ["import pg from 'pg';", '', 'const pool = new pg.Pool({', '  max: 2,', '});', '', 'ask(pool)'],
  },
];
const STRINGS = [
  'db/pool-wait',
  'db/execute',
  'http',
  'pg://db/shop pool of 2',
  'pg://db/shop select ?',
  'http://tax:80',
  'GET /a',
  'http/pool-wait',
];

/** Ten a second, each keeps its connection 250 ms: two and a half are wanted, two are there. */
function overloaded(kinds: 'db' | 'http') {
  const requests: number[][] = [];
  const turns: number[][] = [];
  const waits: number[][] = [];
  const phases: number[][] = [];
  const freeUs = [0, 0];
  for (let i = 0; i < 90; i++) {
    const id = i + 1;
    const beganUs = i * 100_000 + 1000;
    const first = freeUs[0]! <= freeUs[1]! ? 0 : 1;
    const givenUs = Math.max(beganUs, freeUs[first]!);
    const doneUs = givenUs + 250_000;
    freeUs[first] = doneUs;
    requests.push([0, id, beganUs, doneUs, 6, 200, 10, 4000 + i, 500, 0]);
    turns.push([0, beganUs, 10, id]);
    if (kinds === 'http') {
      waits.push([0, id, 2, 0, 5, beganUs, doneUs, 0]);
      if (givenUs > beganUs) phases.push([0, id, beganUs, 7, beganUs, givenUs]);
    } else {
      if (givenUs > beganUs) waits.push([0, id, 0, 0, 3, beganUs, givenUs, 0]);
      waits.push([0, id, 1, 0, 4, givenUs, doneUs, 0]);
    }
  }
  const documents = { sites: [{ frames: [frame(7)] }], sources };
  return createReader(buildRecording({ strings: STRINGS, rows: { requests, turns, waits, phases }, documents }))(connectionPools);
}

describe('connection pools', () => {
  it('tells how many connections the load keeps busy, and where the pool is made', () => {
    const [pool] = overloaded('db');
    expect(pool).toMatchObject({ server: 'pg://db/shop', size: 2, measured: false, location: { file: 'src/db.js', line: 3 } });
    expect(pool!.takenAt).toMatchObject({ line: 7 });
    expect(pool!.answerP50Ms).toBe(250);
    expect(pool!.holdMs).toBeGreaterThan(230);
    expect(pool!.holdMs).toBeLessThan(275);
    expect(pool!.needed).toBeGreaterThan(2.1);
    expect(pool!.needed).toBeLessThan(2.7);
  });
  it('measures the size of pools that do not tell it', () => {
    const [pool] = overloaded('http');
    expect(pool).toMatchObject({ server: 'http://tax:80', size: 2, measured: true, answerP50Ms: 250 });
    expect(pool!.needed).toBeGreaterThan(2.1);
  });
  it('is empty where nobody waited', () => {
    expect(createReader(buildRecording({ rows: { turns: [[0, 1, 1, 1]] } }))(connectionPools)).toEqual([]);
  });
});
