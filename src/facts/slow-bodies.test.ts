import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { createReader } from './reader.js';
import { slowBodies } from './slow-bodies.js';

const STRINGS = ['POST /upload', 'GET /list'];
const incoming = [{ proc: 0, site: -1, keepAliveMs: 5000, maxRequests: 0, idleClosed: 0 }];
const ms = (value: number) => (value < 0 ? -1 : value * 1000);

/** proc, id, start, end, route, status, bytes, port, own, flags, polled, answered, bodyFrom, body. */
const request = (id: number, startMs: number, endMs: number, fromMs: number, bodyMs: number, route = 0) => [
  ...[0, id, ms(startMs), ms(endMs), route, 200, 20, 5000 + id, 500, 0, -1, -1],
  ...[ms(fromMs), ms(bodyMs)],
];
/** Quarters of a second from 0 to `seconds`, busy for this share of it. */
const loop = (seconds: number, share: number, longestMs = 0) =>
  Array.from({ length: seconds * 4 }, (_, i) => [0, (i + 1) * 250_000, 250_000 * share, 250_000 * (1 - share), 0, 0, longestMs * 1000]);
const read = (requests: number[][], steps: number[][] = [], documents = {}) =>
  createReader(buildRecording({ strings: STRINGS, rows: { requests, loop: steps }, documents: { incoming, ...documents } }))(slowBodies);

describe('slow bodies', () => {
  it('tells the way of the body from the work after it', () => {
    const found = read([request(1, 100, 2120, 100, 2100), request(2, 200, 210, 200, 201), request(3, 300, 340, -1, -1, 1)]);
    expect(found).toMatchObject({ route: 'POST /upload', bodies: 2, slow: 1, sendMs: 2000, workMs: 20 });
    expect(found.share).toBeCloseTo(2001 / 2030);
    expect(found.held).toBeCloseTo(0.2, 3);
  });
  it('does not count the time in which the handler did not read', () => {
    expect(read([request(1, 100, 2120, 2000, 2100)])).toMatchObject({ slow: 0, share: 100 / 2020 });
  });
  it('does not count what the thread was busy with', () => {
    expect(read([request(1, 100, 2120, 100, 2100)], loop(4, 0.9))).toMatchObject({ slow: 0 });
    expect(read([request(1, 100, 500, 100, 450)], loop(4, 0.1, 200))).toMatchObject({ slow: 0 });
    expect(read([request(1, 100, 2120, 100, 2100)], loop(4, 0.1, 200))).toMatchObject({ slow: 1, sendMs: 1600 });
  });
  it('does not count a body that nobody waited for', () => {
    expect(read([request(1, 100, 120, 100, 2100)])).toMatchObject({ bodies: 0, share: 0 });
  });
  it('is not known of recordings that did not look', () => {
    expect(() => read([request(1, 100, 120, 100, 110)], [], { incoming: undefined })).toThrow(/not recorded/);
  });
});
