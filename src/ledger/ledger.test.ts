import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Recording } from '../model/recording.js';
import { buildRecording, type RecordingParts } from '../recording/memory.js';
import { bookBuckets } from './buckets.js';
import { buildLedgerContext } from './context.js';
import { joinPopulation, type Request } from './population.js';
import { bookRequest, ENDED_ELSEWHERE } from './request.js';
import { addsUp } from './sum.js';

const TARGET = { pid: 1, ppid: 0, role: 'target' as const, runtime: 'node', versions: {}, title: '', features: {} };
const STRINGS = ['GET /a', 'GET /slow', 'http', 'http://tax', 'pool/crypto', 'scrypt', 'main', 'timer'];
const [A, SLOW, HTTP, TAX, POOL_CRYPTO, SCRYPT, MAIN, TIMER] = STRINGS.map((_, i) => i) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

type Rows = RecordingParts['rows'];

function recordingOf(rows: NonNullable<Rows>): Recording {
  return buildRecording({ strings: STRINGS, rows, documents: { processes: [TARGET] } });
}

function book(rows: NonNullable<Rows>, which = 0): Record<string, number> {
  const recording = recordingOf(rows);
  const request = joinPopulation(recording, 0, 1e12)[which]!;
  const ledger = bookRequest(buildLedgerContext(recording), request);
  expect(addsUp(ledger.entries, ledger.wallUs)).toBe(true);
  return Object.fromEntries(ledger.entries.map((entry) => [entry.detail ? `${entry.account} ${entry.detail}` : entry.account, entry.us]));
}

it('a request that was never taken up waited for whoever held the thread', () => {
  const client = [[0, 0, 9e6, 9e6, SLOW, 0, -1, 5000, 0]];
  const booked = book({ client, turns: [[0, 0, 4e6, 7]], requests: [request(7, 0, 4e6, A)] });
  expect(booked).toMatchObject({ 'js/other GET /a': 4e6, arrival: 5e6 });
});

it('who leaves in the middle of an answer had enough of it, who leaves without one gave up', () => {
  const left = (id: number, status: number) =>
    request(id, id * 1e5, id * 1e5 + 5e4)
      .with(5, status)
      .with(9, 1);
  const population = joinPopulation(recordingOf({ requests: [left(1, 200), left(2, 0)] }), 0, 1e12);
  expect(population.map(({ error }) => error)).toEqual([null, 'aborted by the client']);
});

/** proc, id, startUs, endUs, route, status, bytes, port, ownUs, flags */
const request = (id: number, startUs: number, endUs: number, route = A): number[] => [
  0,
  id,
  startUs,
  endUs,
  route,
  200,
  10,
  4000 + id,
  0,
  0,
];
/** proc, owner, kind, site, dest, startUs, endUs, flags */
const wait = (owner: number, kind: number, dest: number, startUs: number, endUs: number): number[] => [
  0,
  owner,
  kind,
  -1,
  dest,
  startUs,
  endUs,
  0,
];

describe('the ledger of one request', () => {
  it('books own time and the wait that ended each gap', () => {
    const booked = book({
      requests: [request(1, 1000, 21_000)],
      turns: [
        [0, 1000, 1000, 1],
        [0, 20_000, 1000, 1],
      ],
      waits: [wait(1, HTTP, TAX, 1900, 20_000)],
    });
    expect(booked).toEqual({ 'js/own': 2000, 'http/response http://tax': 18_000 });
  });

  it('books an answer that came while another request held the thread to that request', () => {
    // The call usually takes 5 ms; here the thread is held from 10 to 60 ms and the callback runs after that.
    const usual = Array.from({ length: 5 }, (_, i) => wait(9, HTTP, TAX, 200_000 + i * 10_000, 205_000 + i * 10_000));
    const booked = book({
      requests: [request(1, 1000, 61_000), request(2, 10_000, 60_000, SLOW)],
      turns: [
        [0, 1000, 1000, 1],
        [0, 10_000, 50_000, 2],
        [0, 60_000, 1000, 1],
      ],
      waits: [wait(1, HTTP, TAX, 6_000, 60_100), ...usual],
    });
    expect(booked['http/response http://tax']).toBe(9_000);
    expect(booked['js/other GET /slow']).toBe(49_000);
  });

  it('books time before the handler to whoever held the thread', () => {
    const booked = book({
      requests: [request(1, 51_000, 52_000), request(2, 1000, 51_000, SLOW)],
      client: [[1000, 1100, 52_000, 52_100, A, 200, -1, 4001, 10]],
      turns: [
        [0, 1000, 50_000, 2],
        [0, 51_000, 1000, 1],
      ],
    });
    expect(booked).toEqual({ 'arrival sent late by the load generator': 100, 'js/other GET /slow': 49_900, 'js/own': 1000, response: 100 });
  });

  it('books what follows the end of the response to the reader, whatever hears of it', () => {
    const booked = book({
      requests: [[...request(1, 0, 400_000), -1, 1_900]],
      turns: [
        [0, 0, 2_000, 1],
        [0, 399_900, 100, 1],
      ],
    });
    expect(booked).toEqual({ 'js/own': 2_100, response: 397_900 });
  });

  it('books what lies before the end of the response to no reader, where somebody else´s turn ends it', () => {
    const late = (answeredUs: number) =>
      book({
        requests: [[...request(1, 0, 60_000), -1, answeredUs]],
        turns: [
          [0, 0, 2_000, 1],
          [0, 49_000, 1_000, 0],
        ],
      });
    expect(late(50_000)).toMatchObject({ 'js/own': 2_000, [`wait/other ${ENDED_ELSEWHERE}`]: 47_000, response: 10_000 });
    // Taken at once: it has no moment of its own.
    expect(late(-1)).not.toHaveProperty('response');
  });

  it('without a client´s stamp, a request´s time begins when the loop is known to have had it', () => {
    const booked = book(
      {
        requests: [request(2, 1000, 51_000, SLOW), [...request(1, 51_000, 52_000), 1000]],
        turns: [
          [0, 1000, 50_000, 2],
          [0, 51_000, 1000, 1],
        ],
      },
      1,
    );
    expect(booked).toEqual({ 'js/other GET /slow': 50_000, 'js/own': 1000 });
  });

  it('takes collector pauses out of whoever they interrupted', () => {
    const booked = book({ requests: [request(1, 0, 10_000)], turns: [[0, 0, 10_000, 1]], gc: [[0, 4000, 3000, 0, 0, 0]] });
    expect(booked).toEqual({ 'js/own': 7000, 'js/gc': 3000 });
  });

  it('splits a pool task into queueing and work when all threads were taken', () => {
    const busy = Array.from({ length: 4 }, (_, i) => wait(10 + i, POOL_CRYPTO, SCRYPT, 0, 80_000));
    const booked = book({
      requests: [request(1, 1000, 91_000)],
      turns: [
        [0, 1000, 1000, 1],
        [0, 90_000, 1000, 1],
      ],
      waits: [...busy, wait(1, POOL_CRYPTO, SCRYPT, 2000, 90_000)],
    });
    expect(booked['pool/wait scrypt']).toBe(78_000);
    expect(booked['pool/work scrypt']).toBe(10_000);
  });

  it('takes a file operation that met a full queue for waiting', () => {
    const strings = [...STRINGS, 'pool/fs', 'readFile'];
    const rows = {
      requests: [request(1, 1000, 91_000)],
      turns: [
        [0, 1000, 1000, 1],
        [0, 90_000, 1000, 1],
      ],
      waits: [wait(1, strings.length - 2, strings.length - 1, 2000, 90_000)],
      poolProbe: [
        [0, 1500, 25_000],
        [0, 27_000, 30_000],
      ],
    };
    const recording = buildRecording({ strings, rows, documents: { processes: [TARGET] } });
    const ledger = bookRequest(buildLedgerContext(recording), joinPopulation(recording, 0, 1e12)[0]!);
    expect(ledger.entries).toContainEqual({ account: 'pool/wait', detail: 'readFile', us: 85_000 });
  });

  it('books the gap between two steps of one call to that call', () => {
    const booked = book({
      requests: [request(1, 1000, 61_000)],
      turns: [
        [0, 1000, 1000, 1],
        [0, 30_000, 100, 1],
        [0, 60_000, 1000, 1],
      ],
      waits: [wait(1, HTTP, TAX, 1900, 60_100), wait(1, TIMER, SCRYPT, 1900, 900_000)],
    });
    expect(booked).toEqual({ 'js/own': 2100, 'http/response http://tax': 57_900 });
  });

  it('leaves what nobody can name unattributed', () => {
    const booked = book({
      requests: [request(1, 0, 30_000)],
      turns: [
        [0, 0, 1000, 1],
        [0, 29_000, 1000, 1],
      ],
    });
    expect(booked).toEqual({ 'js/own': 2000, unattributed: 28_000 });
  });

  it('books the time a busy main thread had no core to the run queue', () => {
    const booked = book({
      requests: [request(1, 100_000, 200_000)],
      turns: [[0, 100_000, 100_000, 1]],
      threads: [
        [0, 1, MAIN, 100_000, 0, 0, 0, 0],
        [0, 1, MAIN, 200_000, 40_000, 60_000, 0, 9],
      ],
    });
    expect(booked).toEqual({ 'js/own': 40_000, 'cpu/run-queue': 60_000 });
  });

  it('books time without a core where the probe saw it happen, not where the collector´s interval ends', () => {
    const rows = {
      requests: [request(1, 100_000, 140_000), request(2, 140_000, 180_000, SLOW)],
      turns: [
        [0, 100_000, 40_000, 1],
        [0, 140_000, 40_000, 2],
      ],
      stalls: [[0, 100_000, 40_000, 30_000]],
      threads: [
        [0, 1, MAIN, 100_000, 0, 0, 0, 0],
        [0, 1, MAIN, 200_000, 50_000, 30_000, 0, 9],
      ],
      // A collection in the middle of it stood still like the rest.
      gc: [[0, 110_000, 20_000, 0, 0, 0]],
    };
    const seen = { ...TARGET, features: { stalls: true } };
    const recording = buildRecording({ strings: STRINGS, rows, documents: { processes: [seen] } });
    const context = buildLedgerContext(recording);
    const [first, second] = joinPopulation(recording, 0, 1e12).map((each) => bookRequest(context, each).entries);
    expect(Object.fromEntries(first!.map(({ account, us }) => [account, us]))).toEqual({
      'js/gc': 5_000,
      'cpu/run-queue': 30_000,
      'js/own': 5_000,
    });
    expect(second).toEqual([{ account: 'js/own', us: 40_000 }]);
  });

  it('an answer that one poll did not find and the next one did came in between, whatever is usual', () => {
    const usual = Array.from({ length: 5 }, (_, i) => wait(9, HTTP, TAX, 200_000 + i * 10_000, 205_000 + i * 10_000));
    const bounded = [...wait(1, HTTP, TAX, 6_000, 60_100), 40_000, 45_000];
    const booked = book({
      requests: [request(1, 1000, 61_000), request(2, 10_000, 60_000, SLOW)],
      turns: [
        [0, 1000, 1000, 1],
        [0, 10_000, 50_000, 2],
        [0, 60_000, 1000, 1],
      ],
      waits: [bounded, ...usual],
    });
    expect(booked['http/response http://tax']).toBe(38_000);
    expect(booked['js/other GET /slow']).toBe(20_000);
  });

  it('takes the shortest of their kind for the usual length of waits that never found the loop idle', () => {
    const waits = Array.from({ length: 20 }, (_, i) => wait(9, HTTP, TAX, i * 1000, i * 1000 + 5_000 + i * 2_000));
    const booked = book(
      {
        requests: [request(1, 100_000, 200_000), request(2, 0, 200_000, SLOW)],
        turns: [
          [0, 0, 101_000, 2],
          [0, 101_000, 1_000, 1],
          [0, 102_000, 97_000, 2],
          [0, 199_000, 1_000, 1],
        ],
        waits: [...waits, wait(1, HTTP, TAX, 102_000, 199_100)],
      },
      1,
    );
    // A twentieth of the 21 waits took 7 ms or less.
    expect(booked['http/response http://tax']).toBe(7_000);
  });

  it('tells who had the cores instead', () => {
    const booked = book({
      requests: [request(1, 100_000, 200_000)],
      turns: [[0, 100_000, 100_000, 1]],
      threads: [
        [0, 1, MAIN, 100_000, 0, 0, 0, 0],
        [0, 1, MAIN, 200_000, 40_000, 60_000, 0, 9],
      ],
      // busyUs, idleUs, stealUs, treeCpuUs, ddxCpuUs, runnable: of 200 ms, 40 ms the main thread's.
      machine: [
        [100_000, 0, 0, 0, 0, 0, 1],
        [200_000, 200_000, 0, 0, 100_000, 20_000, 5],
      ],
    });
    expect(booked).toEqual({
      'js/own': 40_000,
      'cpu/run-queue behind its own threads': 22_500,
      'cpu/run-queue behind ddx': 7_500,
      'cpu/run-queue behind neighbours': 30_000,
    });
  });

  it('tells throttling from the run queue by the cgroup', () => {
    const booked = book({
      requests: [request(1, 100_000, 200_000)],
      turns: [[0, 100_000, 100_000, 1]],
      threads: [
        [0, 1, MAIN, 100_000, 0, 0, 0, 0],
        [0, 1, MAIN, 200_000, 40_000, 60_000, 0, 9],
      ],
      cgroup: [
        [100_000, 0, 0, 0],
        [200_000, 1, 1, 60_000],
      ],
    });
    expect(booked).toEqual({ 'js/own': 40_000, 'cpu/throttled': 60_000 });
  });
});

describe('sums', () => {
  const time = fc.integer({ min: 0, max: 200_000 });
  const rows = fc.record({
    requests: fc
      .array(fc.tuple(time, time), { minLength: 1, maxLength: 12 })
      .map((list) => list.map(([a, b], i) => request(i + 1, Math.min(a, b), Math.max(a, b), i % 2))),
    client: fc.array(fc.tuple(time, time, time, fc.integer({ min: 4001, max: 4012 })), { maxLength: 12 }).map((list) =>
      list.map(([a, b, c, port]) => {
        const [intended, sent, done] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
        return [intended, sent, done, done, A, 200, -1, port, 0];
      }),
    ),
    turns: fc
      .array(fc.tuple(time, fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 12 })), { maxLength: 40 })
      .map((list) => list.map(([start, dur, owner]) => [0, start, dur, owner])),
    waits: fc
      .array(fc.tuple(time, time, fc.integer({ min: 0, max: 12 }), fc.constantFrom(HTTP, POOL_CRYPTO, TIMER)), { maxLength: 30 })
      .map((list) => list.map(([a, b, owner, kind]) => wait(owner, kind, SCRYPT, Math.min(a, b), Math.max(a, b)))),
    gc: fc
      .array(fc.tuple(time, fc.integer({ min: 0, max: 20_000 })), { maxLength: 8 })
      .map((list) => list.map(([start, dur]) => [0, start, dur, 0, 0, 0])),
    threads: fc
      .array(fc.tuple(time, time, time), { maxLength: 6 })
      .map((list) => list.map(([at, cpu, runq]) => [0, 1, MAIN, at, cpu, runq, 0, 0])),
    cgroup: fc.array(fc.tuple(time, time), { maxLength: 6 }).map((list) => list.map(([at, throttled]) => [at, 1, 1, throttled])),
    poolProbe: fc
      .array(fc.tuple(time, fc.integer({ min: 0, max: 90_000 })), { maxLength: 6 })
      .map((list) => list.map(([at, latency]) => [0, at, latency])),
  });

  it('add up exactly, whatever was recorded', () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const recording = recordingOf(drawn);
        const context = buildLedgerContext(recording);
        const population = joinPopulation(recording, 0, 1e12);
        for (const each of population) {
          const ledger = bookRequest(context, each);
          expect(addsUp(ledger.entries, ledger.wallUs)).toBe(true);
        }
        const buckets = bookBuckets(population, (each: Request) => bookRequest(context, each));
        for (const bucket of buckets) expect(addsUp(bucket.entries, bucket.measuredUs)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('joining both halves', () => {
  it('matches by connection and order, and keeps what the server never saw', () => {
    const recording = recordingOf({
      requests: [request(1, 1100, 2000), [0, 2, 3100, 4000, SLOW, 200, 10, 4001, 0, 0]],
      client: [
        [1000, 1000, 2100, 2100, A, 200, -1, 4001, 1],
        [3000, 3000, 4100, 4100, A, 200, -1, 4001, 1],
        [5000, 5000, -1, 9000, A, 0, A, 4001, 0],
      ],
    });
    const joined = joinPopulation(recording, 0, 1e12);
    expect(joined.map((each) => [each.route, each.server?.id ?? null, each.status])).toEqual([
      ['GET /a', 1, 200],
      ['GET /slow', 2, 200],
      ['GET /a', null, 0],
    ]);
  });
});
