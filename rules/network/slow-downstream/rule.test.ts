import { describe, expect, it } from 'vitest';
import { type Downstream, downstreams } from '../../../src/facts/downstream.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { booked, factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/tax.js', line: 14, function: 'taxFor', source: 'app' as const };
const dest = 'http://tax:8080';
const tax: Downstream = {
  dest,
  calls: 300,
  failed: 0,
  perRequest: 1,
  p10Ms: 470,
  p50Ms: 480,
  p90Ms: 520,
  p99Ms: 560,
  slowest: null,
  local: false,
  flood: null,
  location,
};
const judge = (called: Downstream[], ledger: ReturnType<typeof booked>) =>
  rule.judge(factsOf(given(window, tenSeconds()), given(downstreams, called), given(ledgers, ledger)));

describe('network/slow-downstream', () => {
  it('names destination and call site', () => {
    const verdict = judge(
      [tax],
      booked({
        'POST /checkout': [
          ['http/response', 480, dest],
          ['js/own', 4],
        ],
      }),
    );
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location, route: 'POST /checkout' }] });
  });
  it('is absent, with its figures, where answers are quick', () => {
    const quick = { ...tax, p10Ms: 6, p50Ms: 8, p90Ms: 15, p99Ms: 30 };
    expect(judge([quick], booked({ 'POST /checkout': [['http/response', 8, dest]] }))).toMatchObject({
      is: 'absent',
      because: { value: 15 },
    });
  });
  it('is absent where the call only looks slow because our own thread was busy', () => {
    const verdict = judge(
      [tax],
      booked({
        'POST /checkout': [
          ['http/response', 20, dest],
          ['js/other', 460, 'GET /report'],
        ],
      }),
    );
    expect(verdict.is).toBe('absent');
  });
  it('names quick calls that a request makes one after another, and says to ask at once', () => {
    const chained = { ...tax, perRequest: 8, p10Ms: 50, p50Ms: 55, p90Ms: 60, p99Ms: 70 };
    const verdict = judge([chained], booked({ 'GET /basket': [['http/response', 440, dest]] }));
    expect(verdict).toMatchObject({
      is: 'present',
      findings: [{ location, fixes: [{ says: expect.stringContaining('at once') }, {}, {}] }],
    });
  });
  it('names the one slow question among quick ones, also where they are most', () => {
    const slowest = { question: 'GET /score', calls: 80, p10Ms: 290, p50Ms: 320, p90Ms: 350 };
    const mixed = { ...tax, perRequest: 11, p10Ms: 3, p50Ms: 4, p90Ms: 60, p99Ms: 350, slowest };
    const verdict = judge([mixed], booked({ 'GET /basket': [['http/response', 360, dest]] }));
    expect(verdict).toMatchObject({ is: 'present', findings: [{ summary: expect.stringContaining('320 ms to answer "GET /score"') }] });
  });
  it('is absent where its callers only queue for each other', () => {
    const waits = booked({ 'POST /checkout': [['http/response', 480, dest]] });
    const because = { says: expect.stringContaining('320 of one request queue; alone it takes 6.0 ms') };
    expect(judge([{ ...tax, flood: { atOnce: 320, freeMs: 6 } }], waits)).toMatchObject({ is: 'absent', because });
    expect(judge([{ ...tax, flood: { atOnce: 320, freeMs: 150 } }], waits).is).toBe('present');
  });
  it('is absent where as many quick calls are made at the same time', () => {
    const parallel = { ...tax, perRequest: 8, p10Ms: 50, p50Ms: 55, p90Ms: 60, p99Ms: 70 };
    expect(judge([parallel], booked({ 'GET /basket': [['http/response', 62, dest]] })).is).toBe('absent');
  });
  it('leaves open what a service on a crowded machine took, unless even its quickest answers are slow', () => {
    const here = 'http://127.0.0.1:8080';
    const crowded = { cores: 2, mainWaitShare: 0.6, neighbourCores: 1.5 } as ThreadPressure;
    const judgeHere = (p10Ms: number) =>
      rule.judge(
        factsOf(
          given(window, tenSeconds()),
          given(downstreams, [{ ...tax, dest: here, local: true, p10Ms, p50Ms: 200, p90Ms: 300, p99Ms: 330 }]),
          given(threadPressure, crowded),
          given(ledgers, booked({ 'POST /checkout': [['http/response', 250, here]] })),
        ),
      ).is;
    expect(judgeHere(20)).toBe('inconclusive');
    expect(judgeHere(190)).toBe('present');
  });
  it('leaves open what a request waits for where no call is seen and none of its own threads works meanwhile', () => {
    const judgeWaiting = (ms: number, workerCores: number) => {
      const worker = { kind: 'worker', threads: 1, cpuCores: workerCores, waitingCores: 0, activeDemandCores: 1, activeShare: 1 };
      const ledger = booked({
        'GET /price': [
          ['unattributed', ms],
          ['js/own', 2],
        ],
      });
      const typical = [...ledger.routes].map(
        ([route, buckets]) => [route, buckets.map((b) => ({ ...b, bucket: 'p50' as const }))] as const,
      );
      const pressure = { byKind: [worker] } as unknown as ThreadPressure;
      return rule.judge(
        factsOf(
          given(window, tenSeconds()),
          given(downstreams, []),
          given(threadPressure, pressure),
          given(ledgers, { ...ledger, routes: new Map(typical) }),
        ),
      );
    };
    expect(judgeWaiting(380, 0.01)).toMatchObject({ is: 'inconclusive', because: { value: 380 } });
    expect(judgeWaiting(380, 0.7).is).toBe('absent');
    expect(judgeWaiting(120, 0.01).is).toBe('absent');
  });
  it('is absent where nothing is called', () => {
    expect(judge([], booked({ 'GET /': [['js/own', 2]] })).is).toBe('absent');
  });
});
