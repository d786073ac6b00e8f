import { describe, expect, it } from 'vitest';
import { RequestFlag } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { acceptQueue } from './accept-queue.js';
import { createReader } from './reader.js';

const sites = [{ frames: [{ file: 'server.js', line: 30, function: '', source: 'app' as const }] }];
const incoming = [{ proc: 0, site: 0, keepAliveMs: 5000, maxRequests: 0, idleClosed: 0 }];
const listenQueue = { port: 3000, backlog: 8, dropped: 60 };
const source = (...lines: string[]) => ({ file: 'src/listen.js', firstLine: 4, lines });
/** Forty requests, every second the first of its connection. */
const requests = Array.from({ length: 40 }, (_, i) => [
  ...[0, i + 1, i * 100_000, i * 100_000 + 5000, 0, 200, 10, 5000 + i, 500, i % 2 ? 0 : RequestFlag.first],
]);
const read = (documents: object, sources = [source()]) =>
  createReader(buildRecording({ strings: ['GET /'], rows: { requests }, documents: { sites, sources, incoming, ...documents } }))(
    acceptQueue,
  );

describe('the accept queue', () => {
  it('compares drops with the connections that came through, and names the call to listen', () => {
    expect(read({ listenQueue })).toMatchObject({ backlog: 8, dropped: 60, opened: 20, droppedShare: 0.75, location: { line: 30 } });
  });
  it('names the line that says the backlog, where there is one', () => {
    expect(read({ listenQueue }, [source('app.listen({ port, backlog: 8 });')])).toMatchObject({
      location: { file: 'src/listen.js', line: 4 },
    });
    expect(read({ listenQueue }, [source('const BACKLOG = 80;')])).toMatchObject({ location: { line: 30 } });
  });
  it('has dropped none', () => {
    expect(read({ listenQueue: { ...listenQueue, dropped: 0 } })).toMatchObject({ droppedShare: 0 });
  });
  it('is not known where it could not be read', () => {
    expect(() => read({})).toThrow(/could not be read/);
  });
});
