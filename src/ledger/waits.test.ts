import { expect, it } from 'vitest';
import { UNKNOWN_PROCESS } from '../recording/documents.js';
import { buildRecording } from '../recording/memory.js';
import { buildLedgerContext } from './context.js';
import { joinPopulation } from './population.js';
import { bookRequest } from './request.js';

const STRINGS = [
  'GET /a',
  'http',
  'http://tax',
  'http/pool-wait',
  'net/dns',
  'net/connect',
  'db/pool-wait',
  'db/execute',
  'pg',
  'nonsense',
  'handover',
  'promise',
  'GET /holder',
  'child',
  'timer',
];
const index = (text: string): number => STRINGS.indexOf(text);

/** One request of 100 ms whose JavaScript ran in its first and its last millisecond; rows of `waits` and `phases` without their proc. */
function book(
  waits: [kind: string, dest: string, startMs: number, endMs: number][],
  phases: [kind: string, startMs: number, endMs: number][] = [],
) {
  const recording = buildRecording({
    strings: STRINGS,
    rows: {
      requests: [[0, 1, 0, 100_000, 0, 200, 10, 4001, 0, 0]],
      turns: [
        [0, 0, 1000, 1],
        [0, 99_000, 1000, 1],
      ],
      waits: waits.map(([kind, dest, startMs, endMs]) => [0, 1, index(kind), -1, index(dest), startMs * 1000, endMs * 1000, 0]),
      phases: phases.map(([kind, startMs, endMs]) => [0, 1, (waits[0]?.[2] ?? 0) * 1000, index(kind), startMs * 1000, endMs * 1000]),
    },
  });
  const { entries } = bookRequest(buildLedgerContext(recording), joinPopulation(recording, 0, 1e12)[0]!);
  expect(entries.reduce((sum, { us }) => sum + us, 0)).toBe(100_000);
  return Object.fromEntries(entries.map(({ account, us }) => [account, us / 1000]));
}

it('a wait that had to be waited for: both have their time', () => {
  const booked = book([
    ['db/pool-wait', 'pg', 1, 61],
    ['db/execute', 'pg', 61, 99],
  ]);
  expect(booked).toEqual({ 'js/own': 2, 'db/pool-wait': 60, 'db/execute': 38 });
});

it('of parallel waits only the last is on the path', () => {
  const booked = book([
    ['db/execute', 'pg', 1, 40],
    ['http', 'http://tax', 1, 99],
  ]);
  expect(booked).toEqual({ 'js/own': 2, 'http/response': 98 });
});

it('phases of an outgoing call are booked apart, once', () => {
  const booked = book(
    [['http', 'http://tax', 1, 99]],
    [
      ['http/pool-wait', 1, 11],
      ['net/dns', 11, 14],
      ['net/connect', 14, 20],
      ['net/connect', 19, 30],
      ['nonsense', 30, 40],
    ],
  );
  expect(booked).toEqual({ 'js/own': 2, 'http/pool-wait': 10, 'net/dns': 3, 'net/connect': 6, 'http/response': 79 });
});

it('phases of a call that did not end the gap are not booked', () => {
  const booked = book(
    [
      ['http', 'http://tax', 1, 40],
      ['db/execute', 'pg', 1, 99],
    ],
    [['net/connect', 1, 30]],
  );
  expect(booked).toEqual({ 'js/own': 2, 'db/execute': 98 });
});

it('what began only after the gap did not end it, however soon it was answered', () => {
  const booked = book([
    ['handover', '', 1, 99],
    ['http', 'http://tax', 99.2, 99.6],
  ]);
  expect(booked).toEqual({ 'js/own': 2, 'wait/lock': 98 });
});

it('statements are known by what was asked, where and of whom', () => {
  const strings = ['GET /a', 'db/execute', 'postgres://db:5432/shop SELECT ?', 'db/connect', 'postgres://db:5432/shop'];
  const frames = [
    { file: 'node_modules/pg/lib/client.js', line: 7, function: 'query', source: 'dependency' as const },
    { file: 'src/users.ts', line: 12, function: 'find', source: 'app' as const },
  ];
  const waits = [
    [0, 1, 1, 0, 2, 0, 10, 0],
    [0, 1, 1, -1, 2, 0, 10, 0],
    [0, 1, 3, -1, 4, 0, 10, 0],
  ];
  const { all } = buildLedgerContext(buildRecording({ strings, rows: { waits }, documents: { sites: [{ frames }] } })).waits;
  expect(all.map(({ detail }) => detail)).toEqual([
    'SELECT ? at src/users.ts:12 on postgres://db:5432/shop',
    'SELECT ? on postgres://db:5432/shop',
    'opened on postgres://db:5432/shop',
  ]);
});

const LOCK_LINE = { file: 'src/lock.ts', line: 8, function: 'acquire', source: 'app' } as const;

/** Requests of 100 ms each whose JavaScript ran in the first and the last millisecond, every one after another one's. */
function bookOnPromises(kind: string, rows: { site: number; by: number; flags?: number; status?: number }[]) {
  const recording = buildRecording({
    strings: STRINGS,
    documents: { sites: [{ frames: [LOCK_LINE] }] },
    rows: {
      requests: [
        [0, 100, 0, 900_000, index('GET /holder'), 200, 10, 4009, 0, 0],
        ...rows.map(({ status }, i) => [0, i + 1, i * 100_000, i * 100_000 + 100_000, 0, status ?? 200, 10, 4001 + i, 0, 0]),
      ],
      turns: rows.flatMap(({ by, flags }, i) => [
        [0, i * 100_000, 1000, i + 1],
        ...(flags ? [] : [[0, i * 100_000 + 98_000, 1000, by]]),
        ...(flags ? [] : [[0, i * 100_000 + 99_000, 1000, i + 1]]),
      ]),
      waits: rows.map(({ site, by, flags }, i) => {
        const row = [0, i + 1, index(kind), site, -1, i * 100_000 + 1000, i * 100_000 + (flags ? 100_000 : 99_000), flags ?? 0];
        return [...row, i * 100_000 + 97_900, i * 100_000 + 98_000, by, -1];
      }),
    },
  });
  const context = buildLedgerContext(recording);
  const population = joinPopulation(recording, 0, 1e12).filter(({ route }) => route === 'GET /a');
  return population.map((request) =>
    Object.fromEntries(bookRequest(context, request).entries.map(({ account, detail, us }) => [`${account} ${detail ?? ''}`.trim(), us])),
  );
}

it('a lock is named by the line that waited for it and by who let go', () => {
  const [booked] = bookOnPromises('handover', [{ site: 0, by: 100 }]);
  expect(booked).toEqual({ 'js/own': 2000, 'wait/lock src/lock.ts:8, let go by GET /holder': 98_000 });
});

it('where only some requests tell the line, the others of the route waited there as well', () => {
  const named = { site: 0, by: 100 };
  const booked = bookOnPromises('handover', [named, named, named, { site: -1, by: 100 }]);
  expect(booked[3]).toEqual({ 'js/own': 2000, 'wait/lock src/lock.ts:8, let go by GET /holder': 98_000 });
  const two = bookOnPromises('handover', [named, named, { site: -1, by: 100 }]);
  expect(two[2]).toEqual({ 'js/own': 2000, 'wait/lock GET /holder': 98_000 });
});

it('a promise that nobody known settled is other waiting, at its line', () => {
  const [booked] = bookOnPromises('promise', [{ site: 0, by: 0 }]);
  expect(booked).toEqual({ 'js/own': 2000, 'wait/other src/lock.ts:8': 97_000, 'js/runtime': 1000 });
});

it('a request that was never answered waits at the await where it stood', () => {
  const [booked] = bookOnPromises('promise', [{ site: 0, by: -1, flags: 2, status: 0 }]);
  expect(booked).toEqual({ 'js/own': 1000, 'wait/other src/lock.ts:8': 99_000 });
});

it('a child that told something before its end was waited for all along, unless a promise tells better', () => {
  const bookTold = (waits: (string | number)[][]) => {
    const recording = buildRecording({
      strings: STRINGS,
      rows: {
        requests: [[0, 1, 0, 100_000, 0, 200, 10, 4001, 0, 0]],
        turns: [
          [0, 0, 1000, 1],
          [0, 60_000, 1000, 1],
          [0, 99_000, 1000, 1],
        ],
        waits: waits.map(([kind, startUs, endUs]) => [0, 1, index(String(kind)), -1, -1, Number(startUs), Number(endUs), 0]),
      },
    });
    const { entries } = bookRequest(buildLedgerContext(recording), joinPopulation(recording, 0, 1e12)[0]!);
    return Object.fromEntries(entries.map(({ account, us }) => [account, us / 1000]));
  };
  expect(bookTold([['child', 1000, 99_000]])).toEqual({ 'js/own': 3, 'wait/child': 97 });
  const both = [
    ['child', 500, 99_000],
    ['promise', 1000, 60_000],
  ];
  expect(bookTold(both)).toEqual({ 'js/own': 3, 'wait/other': 59, 'wait/child': 38 });
});

it('a timer that the loop slept past lacked a core, not time', () => {
  const bookTimer = (lateUs: number) => {
    const recording = buildRecording({
      strings: STRINGS,
      documents: { processes: [{ ...UNKNOWN_PROCESS, role: 'target', features: { stalls: true } }] },
      rows: {
        requests: [[0, 1, 0, 100_000, 0, 200, 10, 4001, 0, 0]],
        turns: [
          [0, 0, 1000, 1],
          // What else had waited runs first.
          [0, 97_000, 2000, 0],
          [0, 99_000, 1000, 1],
        ],
        waits: [[0, 1, index('timer'), -1, -1, 1000, 99_000, 0, 96_000 - lateUs, 97_000 - lateUs]],
      },
    });
    const { entries } = bookRequest(buildLedgerContext(recording), joinPopulation(recording, 0, 1e12)[0]!);
    return Object.fromEntries(entries.map(({ account, us }) => [account, us / 1000]));
  };
  expect(bookTimer(60_000)).toEqual({ 'js/own': 2, 'wait/timer': 36, 'cpu/run-queue': 60, 'js/runtime': 2 });
  expect(bookTimer(2_000)).toEqual({ 'js/own': 2, 'wait/timer': 96, 'js/runtime': 2 });
});
