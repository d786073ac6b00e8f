import { describe, expect, it } from 'vitest';
import { RequestFlag } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { incomingConnections } from './incoming-connections.js';
import { createReader } from './reader.js';

const { first, unkept, closed } = RequestFlag;
const STRINGS = ['GET /price', 'GET /health'];
const server = { proc: 0, site: 0, keepAliveMs: 5000, maxRequests: 0, idleClosed: 0 };
const sites = [{ frames: [{ file: 'server.js', line: 20, function: '', source: 'app' as const }] }];
const source = (...lines: string[]) => ({ file: 'server.js', firstLine: 10, lines });

/** A hundred requests 50 ms apart; `flagsOf` the i-th. Our own load waits 2 ms for a connection of its own, of 10 ms. */
function seen(flagsOf: (i: number) => number, document: Partial<typeof server> | null = {}, sources = [source()]) {
  const requests: number[][] = [];
  const client: number[][] = [];
  for (let i = 0; i < 100; i++) {
    const us = (i + 1) * 50_000;
    const isFirst = (flagsOf(i) & first) !== 0;
    requests.push([0, i + 1, us + 2000, us + 9000, i % 10 === 0 ? 1 : 0, 200, 10, 5000 + i, 500, flagsOf(i)]);
    client.push([us, us + (isFirst ? 2000 : 0), us + 9000, us + 10_000, 0, 200, -1, isFirst ? 5000 + i : 4999]);
  }
  const incoming = document ? { incoming: [{ ...server, ...document }] } : {};
  return createReader(buildRecording({ strings: STRINGS, rows: { requests, client }, documents: { sites, sources, ...incoming } }))(
    incomingConnections,
  );
}

describe('connections of clients', () => {
  it('tells the route that opens most, what ends them, and what waiting for one takes', () => {
    const found = seen(() => first | closed, {}, [source("res.setHeader('Connection', 'close');")]);
    expect(found).toMatchObject({ route: 'GET /price', requests: 90, openedShare: 1, endedBy: 'answers', unkeptShare: 0 });
    expect(found).toMatchObject({ openedPerS: 10, endedPerS: 10, openingP50Ms: 2, requestP50Ms: 10, location: { line: 10 } });
  });
  it('does not count the ends that clients asked for', () => {
    expect(seen(() => first | closed | unkept)).toMatchObject({ openedShare: 1, unkeptShare: 1, endedPerS: 0, endedBy: null });
  });
  it('knows the limit of requests from answers', () => {
    expect(seen((i) => (i % 2 ? closed : first), { maxRequests: 2 })).toMatchObject({ openedShare: 4 / 9, endedBy: 'max-requests' });
  });
  it('of several time-outs names the one with that number', () => {
    const sources = [source('const pool = new Pool(url, { keepAliveTimeout: 30_000 });', 'server.keepAliveTimeout = 0.5 * 1_000;')];
    expect(seen(() => first, { keepAliveMs: 500, idleClosed: 90 }, sources)).toMatchObject({
      endedBy: 'idle-timeout',
      keepAliveMs: 500,
      location: { line: 11 },
    });
  });
  it('names the call to listen where no line shows the setting', () => {
    expect(seen(() => first, { keepAliveMs: 500, idleClosed: 90 })).toMatchObject({ location: { line: 20 } });
  });
  it('is not known of recordings that did not look', () => {
    expect(() => seen(() => first, null)).toThrow(/not followed/);
  });
});
