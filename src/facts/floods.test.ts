import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { floods } from './floods.js';
import { createReader } from './reader.js';

const app = (file: string, line: number, name: string) => ({ file, line, function: name, source: 'app' as const });
const map = { file: '', line: 0, function: 'map', source: 'native' as const };
const sites = [
  { frames: [app('src/client.js', 3, 'get'), app('src/export.js', 9, '(anonymous)'), map, app('src/export.js', 8, 'exportAll')] },
  { frames: [app('src/client.js', 3, 'get'), app('src/show.js', 5, 'show')] },
  { frames: [app('src/client.js', 3, 'get'), app('src/export.js', 20, 'exportAll')] },
];

const sources = [
  { file: 'src/export.js', firstLine: 18, lines: ['  const calls = [];', '  for (const id of ids)', '    calls.push(get(id));'] },
];

/** Requests 1 to 5 begin 100 calls each, answered one per ms (`queue`) or all after 10 ms; request 11 to 60 one call each, every 40 ms. */
function read({ queue, site = 0 }: { queue: boolean; site?: number }) {
  const waits: number[][] = [];
  const requests: number[][] = [];
  for (let id = 1; id <= 5; id++) {
    const bornUs = id * 400_000;
    for (let i = 0; i < 100; i++) waits.push([0, id, 2, site, 3, bornUs + i, bornUs + (queue ? (i + 2) * 1000 : 10_000 + i), 0]);
    requests.push([0, id, bornUs, bornUs + 103_000, 0, 200, 10, 4000, 200, 0]);
  }
  for (let i = 0; i < 50; i++) {
    const bornUs = 405_000 + i * 40_000;
    const meets = (bornUs % 400_000) / 1000 < 102;
    waits.push([0, 11 + i, 2, 1, 3, bornUs, bornUs + (queue && meets ? 60_000 : 2000), 0]);
    requests.push([0, 11 + i, bornUs, bornUs + 63_000, 1, 200, 10, 4001 + i, 200, 0]);
  }
  const strings = ['GET /export', 'GET /one/:id', 'http', 'http://stock'];
  return createReader(buildRecording({ strings, rows: { waits, requests }, documents: { sites, sources } }))(floods);
}

describe('floods', () => {
  it('counts what one request has under way, and how much longer that takes for it and for others', () => {
    const [flood] = read({ queue: true });
    expect(flood).toMatchObject({
      dest: 'http://stock',
      route: 'GET /export',
      requests: 5,
      atOnce: 100,
      others: { duringMs: 60, elseMs: 2 },
    });
    expect(flood!.callMs).toBeCloseTo(51, 0);
    expect(flood!.freeMs).toBeLessThan(8);
    expect(flood!.spanMs).toBeCloseTo(101, 0);
  });
  it('shows that they do not queue where the other side keeps up', () => {
    const [flood] = read({ queue: false });
    expect(flood!.atOnce).toBe(100);
    expect(flood!.callMs).toBeLessThan(1.1 * flood!.freeMs);
  });
  it('names the line that loops: around map, or as the source shows', () => {
    expect(read({ queue: true })[0]!.location).toMatchObject({ file: 'src/export.js', line: 8 });
    expect(read({ queue: true, site: 2 })[0]!.location).toMatchObject({ file: 'src/export.js', line: 20 });
  });
});
