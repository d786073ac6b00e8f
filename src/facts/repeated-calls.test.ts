import { describe, expect, it } from 'vitest';
import { type SiteDocument, type SourceLocation, WaitFlag } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { createReader } from './reader.js';
import { repeatedCalls } from './repeated-calls.js';

const STRINGS = ['db/execute', 'postgres://db/shop select name from users where id = ?', 'GET /orders', 'timer', 'setTimeout'];
const frame = (file: string, line: number): SourceLocation => ({ file, line, function: 'f', source: 'app' });
const driver: SourceLocation = { ...frame('/app/node_modules/pg/client.js', 1), source: 'dependency' };
/** The first round still runs below the handler; later ones are resumed by the answer before. */
const FIRST: SiteDocument = { frames: [driver, frame('users.js', 8), frame('orders.js', 12), frame('server.js', 5)] };
const LATER: SiteDocument = { frames: FIRST.frames, asyncFrom: 3 };

interface Shape {
  parallel?: boolean;
  pauses?: boolean;
  refused?: boolean;
  sites?: SiteDocument[];
}

/** Ten requests of one second apart, each with six calls of 10 ms. */
function seen({ parallel = false, pauses = false, refused = false, sites = [FIRST, LATER] }: Shape) {
  const requests: number[][] = [];
  const waits: number[][] = [];
  const turns: number[][] = [];
  for (let r = 0; r < 10; r++) {
    const startUs = r * 1e6 + 1000;
    requests.push([0, r + 1, startUs, startUs + 100_000, 2, 200, 10, 4000 + r, 500, 0]);
    turns.push([0, startUs, 500, r + 1]);
    for (let i = 0; i < 6; i++) {
      const beganUs = startUs + 500 + (parallel ? 0 : i * 14_000);
      waits.push([0, r + 1, 0, i === 0 ? 0 : 1, 1, beganUs, beganUs + 10_000, refused ? WaitFlag.refused : 0]);
      if (pauses) waits.push([0, r + 1, 3, -1, 4, beganUs + 10_000, beganUs + 13_500, 0]);
    }
  }
  const recording = buildRecording({ strings: STRINGS, rows: { requests, waits, turns }, documents: { sites } });
  return createReader(recording)(repeatedCalls);
}

describe('calls that requests repeat', () => {
  it('counts those of which each waited for the one before, and names the line that goes on by itself after an answer', () => {
    const [call] = seen({});
    expect(call).toMatchObject({ route: 'GET /orders', seriesP10: 6, seriesP50: 6, spanP50Ms: 80, callP50Ms: 10, requests: 10 });
    expect(call).toMatchObject({ server: 'postgres://db/shop', question: 'select name from users where id = ?' });
    expect(call!.location).toMatchObject({ file: 'orders.js', line: 12 });
    expect(call!.lineShare).toBeCloseTo(5 / 6);
  });
  it('counts calls at the same time as one', () => {
    expect(seen({ parallel: true })[0]!.seriesP50).toBe(1);
  });
  it('counts neither polling nor calls that were refused', () => {
    expect(seen({ pauses: true })[0]!.seriesP50).toBe(1);
    expect(seen({ refused: true })).toEqual([]);
  });
  it('finds the loop in the source where helpers await something first', () => {
    const helper: SiteDocument = { frames: FIRST.frames, asyncFrom: 2 };
    const lines = [
      'async function withNames(orders) {',
      '  for (const order of orders) {',
      '    order.name = await nameOf(order.user);',
      '  }',
      '}',
    ];
    const plain = ['export async function nameOf(id) {', '  await ready;', '  return query(SQL, [id]);', '}'];
    const documents = [
      { file: 'orders.js', firstLine: 10, lines },
      { file: 'users.js', firstLine: 6, lines: plain },
    ];
    const recording = buildRecording({
      strings: STRINGS,
      rows: {
        requests: [[0, 1, 1000, 100_000, 2, 200, 10, 4000, 500, 0]],
        turns: [[0, 1000, 500, 1]],
        waits: [[0, 1, 0, 0, 1, 2000, 12_000, 0]],
      },
      documents: { sites: [helper], sources: documents },
    });
    expect(createReader(recording)(repeatedCalls)[0]!.location).toMatchObject({ file: 'orders.js', line: 12 });
  });
});
