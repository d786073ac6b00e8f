import { describe, expect, it } from 'vitest';
import { buildLedgerContext } from '../ledger/context.js';
import { buildRecording, type RecordingParts } from '../recording/memory.js';
import { contrast } from './contrast.js';
import { dependencies } from './dependencies.js';
import { createReader } from './reader.js';
import { requests } from './requests.js';
import { joined, waterfallOf } from './waterfall.js';

const strings = [
  'GET /orders',
  'POST /report',
  'db/execute',
  'postgres://127.0.0.1:5432/shop select 1',
  'mark-sweep',
  'http',
  'http://tax:8080',
];

/** Request 7 comes while a report holds the thread, asks a database, and waits for the collector. */
const parts: RecordingParts = {
  strings,
  rows: {
    requests: [
      [0, 7, 140_000, 200_000, 0, 200, 10, 5000, 12_000, 0, 100_000, 199_000],
      [0, 8, 90_000, 141_000, 1, 200, 10, 5001, 40_000, 0, 90_000, 140_000],
    ],
    turns: [
      [0, 95_000, 45_000, 8],
      [0, 140_000, 5_000, 7],
      [0, 160_000, 10_000, 0],
      [0, 190_000, 9_000, 7],
    ],
    waits: [
      [0, 7, 2, -1, 3, 144_000, 189_000, 0, -1, -1],
      [0, 8, 5, -1, 6, 96_000, 99_000, 1, -1, -1],
    ],
    gc: [[0, 192_000, 3_000, 4, 2e6, 1e6]],
  },
};

describe('a request as a waterfall', () => {
  const recording = buildRecording(parts);
  const [, request] = createReader(recording)(requests);

  it('shows its own code, what it asked, and who held the thread meanwhile', () => {
    expect(request!.route).toBe('GET /orders');
    expect(waterfallOf(buildLedgerContext(recording), request!)).toEqual([
      { account: 'arrival', spans: [[0, 40_000]] },
      { account: 'js/other', detail: 'POST /report', spans: [[0, 40_000]] },
      {
        account: 'js/own',
        spans: [
          [40_000, 5_000],
          [90_000, 9_000],
        ],
      },
      { account: 'db/execute', detail: 'select 1 on postgres://127.0.0.1:5432/shop', spans: [[44_000, 45_000]] },
      { account: 'js/runtime', spans: [[60_000, 10_000]] },
      { account: 'js/gc', spans: [[92_000, 3_000]] },
      { account: 'response', spans: [[99_000, 1_000]] },
    ]);
  });

  it('of one that the server never saw nothing is known', () => {
    expect(waterfallOf(buildLedgerContext(recording), { ...request!, server: null })).toEqual([]);
  });

  it('thousands of spans become few enough to be drawn, and lose nothing at either end', () => {
    const spans = joined(
      Array.from({ length: 5000 }, (_, i): [number, number] => [i * 10, 3]),
      1,
    );
    expect(spans.length).toBeLessThanOrEqual(80);
    expect([spans[0]![0], spans.at(-1)![0] + spans.at(-1)![1]]).toEqual([0, 49_993]);
  });

  it('whom the target asks, by address', () => {
    expect(createReader(recording)(dependencies)).toEqual([
      { dest: 'postgres://127.0.0.1:5432/shop', kind: 'db', proc: 0, calls: 1, failed: 0, p50Ms: 45, p99Ms: 45, sumS: 0.045 },
      { dest: 'http://tax:8080', kind: 'http', proc: 0, calls: 1, failed: 1, p50Ms: 3, p99Ms: 3, sumS: 0.003 },
    ]);
  });
});

describe('the slowest beside the others', () => {
  /** 200 quick requests, some to another route; 3 slow ones, which all asked the database. */
  const rowsOf = (slow: number): RecordingParts['rows'] => {
    const isSlow = (id: number): boolean => id > 200;
    const ids = Array.from({ length: 200 + slow }, (_, i) => i + 1);
    return {
      requests: ids.map((id) => [
        0,
        id,
        id * 10_000,
        id * 10_000 + (isSlow(id) ? 50_000 : 2_000),
        id % 4 === 0 ? 1 : 0,
        200,
        1,
        id,
        100,
        0,
      ]),
      turns: ids.map((id) => [0, id * 10_000, 100, id]),
      waits: ids.filter(isSlow).map((id) => [0, id, 2, -1, 3, id * 10_000 + 200, id * 10_000 + 49_000, 0, -1, -1]),
    };
  };

  it('names what is common among them and rare among the others, with both shares', () => {
    const found = createReader(buildRecording({ strings, rows: rowsOf(5)! }))(contrast);
    expect(found).toMatchObject({ slow: 5, rest: 200, fromMs: 50, restP50Ms: 2 });
    expect(found.attributes).toEqual([
      { is: 'waited for database execution', value: 'select 1 on postgres://127.0.0.1:5432/shop', slowShare: 1, restShare: 0 },
    ]);
  });

  it('of a handful of requests it says nothing', () => {
    expect(() => createReader(buildRecording({ strings, rows: { requests: rowsOf(0)!.requests!.slice(0, 12) } }))(contrast)).toThrow(
      'too few',
    );
  });
});
