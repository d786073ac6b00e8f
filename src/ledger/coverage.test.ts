import { describe, expect, it } from 'vitest';
import { buildRecording, type RecordingParts } from '../recording/memory.js';
import { bookBuckets } from './buckets.js';
import { buildLedgerContext } from './context.js';
import { joinPopulation } from './population.js';
import { bookRequest } from './request.js';

const STRINGS = ['GET /a', 'main'];
const request = (id: number, startUs: number, endUs: number): number[] => [0, id, startUs, endUs, 0, 200, 10, 4000 + id, 0, 0];
const client = (id: number, sentUs: number, doneUs: number): number[] => [sentUs, sentUs, doneUs, doneUs, 0, 200, -1, 4000 + id, 10];
const turn = (owner: number, startUs: number, durUs: number): number[] => [0, startUs, durUs, owner];

const build = (rows: NonNullable<RecordingParts['rows']>) => buildRecording({ strings: STRINGS, rows });
const buckets = (rows: NonNullable<RecordingParts['rows']>) => {
  const recording = build(rows);
  const context = buildLedgerContext(recording);
  return bookBuckets(joinPopulation(recording, 0, 1e9), (one) => bookRequest(context, one));
};

describe('a ledger that was kept in windows', () => {
  // Three windows of 10 ms; requests of 1 ms everywhere, of which those inside a window have their turns recorded.
  const coverage = [
    [0, 10_000, 20_000],
    [0, 50_000, 60_000],
    [0, 90_000, 100_000],
  ];
  const starts = Array.from({ length: 100 }, (_, i) => i * 1_000);
  const inside = (us: number) => coverage.some(([, from, to]) => us >= from! && us + 900 <= to!);
  const requests = starts.map((startUs, i) => request(i + 1, startUs, startUs + 900));
  const turns = starts.flatMap((startUs, i) => (inside(startUs) ? [turn(i + 1, startUs, 900)] : []));

  it('books those wholly inside, and nobody else', () => {
    const [p50] = buckets({ requests, turns, coverage });
    expect(p50!.entries).toEqual([{ account: 'js/own', us: 900 }]);
    expect(p50!.requests).toBeLessThan(20);
    // Without the stream (an older recording), what is missing counts as not known.
    const [all] = buckets({ requests, turns });
    expect(all!.entries.find(({ account }) => account === 'js/own')?.us).toBeLessThan(451);
  });

  it('books a request that outlasts the pieces in which one window was told', () => {
    const pieces = [0, 250_000, 500_000].map((us) => [0, us, us + 250_000]);
    const [p50] = buckets({ requests: [request(1, 100_000, 700_000)], turns: [turn(1, 100_000, 600_000)], coverage: pieces });
    expect(p50!.entries).toEqual([{ account: 'js/own', us: 600_000 }]);
  });

  it('draws the neighbourhoods from all requests: long ones that no window holds do not let shorter ones pass for slow', () => {
    const long = Array.from({ length: 5 }, (_, i) => request(500 + i, i * 1_000, i * 1_000 + 30_000));
    const found = buckets({ requests: [...requests, ...long], turns, coverage });
    expect(found.map(({ bucket }) => bucket)).toEqual(['p50', 'p90']);
    expect(found[0]!.measuredUs).toBe(900);
  });

  it('widens a neighbourhood of which hardly anybody was booked, within bounds', () => {
    const kept = requests.map((row, i) => (inside(starts[i]!) && i > 11 ? request(i + 1, starts[i]!, starts[i]! + 600 + i) : row));
    const lasting = (row: number[]) => row[3]! - row[2]!;
    const slower = Array.from({ length: 70 }, (_, i) => request(500 + i, 21_000 + i * 300, 26_000 + i * 300));
    const quick = Array.from({ length: 30 }, (_, i) => request(600 + i, 61_000 + i * 900, 61_100 + i * 900));
    const rows = { requests: [...kept, ...slower, ...quick], turns: kept.map((row) => turn(row[1]!, row[2]!, lasting(row))), coverage };
    const found = buckets(rows);
    // None of the ranks 0.4 to 0.6 lies in a window, and of the slowest quarter nothing does.
    expect(found.map(({ bucket }) => bucket)).toEqual(['p50']);
    expect(found[0]!.requests).toBeGreaterThanOrEqual(5);
  });

  it('a request that waited to be entered before the window opened is not booked', () => {
    const rows = { requests: [request(1, 12_000, 13_000)], turns: [turn(1, 12_000, 1_000)], coverage };
    expect(buckets({ ...rows, client: [client(1, 11_000, 13_100)] })).toHaveLength(4);
    expect(buckets({ ...rows, client: [client(1, 9_000, 13_100)] })).toHaveLength(0);
  });

  it('a request that nobody took up is not booked either where nobody looked for some of its time', () => {
    const unread = (sentUs: number, doneUs: number): number[] => [sentUs, sentUs, -1, doneUs, 0, 0, -1, 9999, 0];
    const rows = { requests: [request(1, 12_000, 13_000)], turns: [turn(1, 12_000, 1_000)], coverage };
    const count = (one: number[]) => buckets({ ...rows, client: [client(1, 11_000, 13_100), one] }).find(({ bucket }) => bucket === 'max');
    expect(count(unread(11_000, 19_000))!.measuredUs).toBe(8_000);
    expect(count(unread(11_000, 52_000))).toBeUndefined();
  });

  it('an interval of the kernel´s figures that was hardly seen says nothing', () => {
    // tUs, cpuUs, runqUs ...: 8 of 10 ms busy, half of it without a core.
    const thread = (tUs: number): number[] => [0, 0, 1, tUs, 4_000, 4_000, 0, 0];
    const busy = [turn(0, 10_000, 8_000), turn(0, 50_000, 8_000), turn(0, 90_000, 8_000)];
    const rows = { turns: busy, coverage, threads: [10_000, 20_000, 30_000, 40_000, 50_000, 60_000].map(thread) };
    const [offCore] = buildLedgerContext(build(rows)).offCore;
    expect(offCore!.withinUs(12_000, 13_000)).toBe(500);
    expect(offCore!.withinUs(32_000, 33_000)).toBe(0);
  });
});
