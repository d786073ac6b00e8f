import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { createReader } from './reader.js';
import { slowReaders } from './slow-readers.js';
import { tenSeconds } from './testing.js';

const STRINGS = ['GET /export', 'GET /list', 'stream', 'ServerResponse', 'Gzip'];
const { session } = tenSeconds();

/** proc, id, start, end, route, status, bytes, port, own, flags, polled, answered; milliseconds. */
const request = (id: number, startMs: number, endMs: number, answeredMs: number, route = 0) => {
  const answeredUs = answeredMs < 0 ? -1 : answeredMs * 1000;
  return [0, id, startMs * 1000, endMs * 1000, route, 200, 2e6, 5000 + id, 500, 0, -1, answeredUs];
};
const drain = (owner: number, fromMs: number, toMs: number, dest: number) => [0, owner, 2, -1, dest, fromMs * 1000, toMs * 1000, 0, -1, -1];
const read = (requests: number[][], waits: number[][] = []) =>
  createReader(buildRecording({ strings: STRINGS, rows: { requests, waits }, documents: { session } }))(slowReaders);

describe('slow readers', () => {
  it('tells reading from making, and how much was held meanwhile', () => {
    const found = read([request(1, 100, 2110, 110), request(2, 200, 215, 210, 1)]);
    expect(found).toMatchObject({ route: 'GET /export', answers: 1, slow: 1, readyMs: 10, readMs: 2000, bytes: 2e6, heldBytes: 400_000 });
    expect(found.share).toBeCloseTo(2000 / 2010);
  });
  it('counts what a stream waited for its response to drain, and for nothing else', () => {
    const found = read([request(1, 100, 1100, 1090), request(2, 100, 1100, 1090)], [drain(1, 110, 1010, 3), drain(2, 110, 1010, 4)]);
    expect(found).toMatchObject({ answers: 2, slow: 1, readMs: 910 });
  });
  it('is none where all were taken at once', () => {
    const processes = [{ pid: 1, ppid: 0, role: 'target' as const, runtime: 'node', versions: {}, title: '', features: { owners: true } }];
    const rows = { requests: [request(1, 100, 110, -1)] };
    const get = createReader(buildRecording({ strings: STRINGS, rows, documents: { session, processes } }));
    expect(get(slowReaders)).toMatchObject({ answers: 1, slow: 0, share: 0 });
  });
  it('is not known where nobody told when answers were ready', () => {
    expect(() => read([request(1, 100, 2110, -1)])).toThrow(/not recorded/);
  });
});
