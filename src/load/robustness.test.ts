import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { runLoad } from './engine.js';
import { faults, gather, get, serveSockets } from './testing.js';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Loads a server that treats every request like that: each ends as one of `errors`, or as an answer of those bytes. */
async function outcome(treat: (socket: Socket) => void, { ratePerS = 60, timeoutMs = 250, method = 'GET' } = {}) {
  using server = await serveSockets((socket) => socket.on('data', () => treat(socket)));
  const requests = [{ ...get('/'), method }];
  const { run, rows } = gather(runLoad, { port: server.port, requests, arrivals: { kind: 'open', ratePerS }, durationS: 0.4, timeoutMs });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(rows.length).toBeGreaterThan(5);
  const answers = new Set(rows.filter((row) => row.status > 0).map((row) => `${row.status} ${row.bytes}`));
  return { answers: [...answers], errors: Object.keys(summary.errors).sort(), overruns: summary.overruns, rows: rows.length };
}

/** Pieces with a pause between them, as a slow network brings them. */
function trickle(socket: Socket, pieces: readonly string[], pauseMs: number): void {
  const [piece, ...rest] = pieces;
  if (piece === undefined || socket.destroyed) return;
  socket.write(piece);
  setTimeout(() => trickle(socket, rest, pauseMs), pauseMs);
}

const answered = (...answers: string[]) => ({ answers, errors: [] });
const failed = (...errors: string[]) => ({ answers: [], errors });

describe('an answer that ends well', () => {
  it.each<[string, string, (socket: Socket) => void, object]>([
    ['100-continue before it', 'GET', (socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${OK}`), answered('200 2')],
    [
      '103 early hints before it',
      'GET',
      (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`),
      answered('200 2'),
    ],
    ['204 without a length', 'GET', (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'), answered('204 0')],
    ['304 with a length', 'GET', (socket) => socket.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n'), answered('304 0')],
    ['HEAD with a length', 'HEAD', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n'), answered('200 0')],
    ['one byte at a time', 'GET', (socket) => trickle(socket, [...OK], 1), answered('200 2')],
    [
      'chunks of one byte',
      'GET',
      (socket) =>
        trickle(socket, ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', ...Array(20).fill('1\r\nx\r\n'), '0\r\n\r\n'], 1),
      answered('200 20'),
    ],
    ['half-closed after a body without a length', 'GET', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nabc'), answered('200 3')],
  ])('%s', async (_, method, treat, expected) => {
    expect(await outcome(treat, { method, timeoutMs: 2_000 })).toMatchObject({ ...expected, overruns: 0 });
  });
});

describe('an answer that does not', () => {
  it.each<[string, (socket: Socket) => void, object]>([
    ['accepts and never answers', () => {}, failed('timeout')],
    ['resets', (socket) => socket.resetAndDestroy(), failed('reset')],
    ['half-closes without an answer', (socket) => socket.end(), failed('closed')],
    ['hangs up in the middle of a body', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'), failed('truncated')],
    [
      'hangs up in the middle of a chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc'),
      failed('truncated'),
    ],
    ['hangs up in the middle of the head', (socket) => socket.end('HTTP/1.1 200 OK\r\nConte'), failed('truncated')],
    ['a length that is too long', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'), failed('timeout')],
    ['slow headers', (socket) => trickle(socket, ['HTTP/1.1 200 OK\r\n', ...Array(50).fill('X: y\r\n')], 20), failed('timeout')],
    ['not HTTP', (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'), failed('malformed')],
    ['a head without end', (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(300_000)}`), failed('malformed')],
    ['a negative length', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'), failed('malformed')],
  ])('%s', async (_, treat, expected) => {
    expect(await outcome(treat)).toMatchObject({ ...expected, overruns: 0 });
  });

  it('a length that is too short: the answers count, and the connections are told of', async () => {
    const { answers, errors, overruns, rows } = await outcome((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more'),
    );
    expect({ answers, errors }).toEqual(answered('200 2'));
    expect(overruns).toBe(rows);
  });
});

it('a body of 1 GB is counted, not kept', async () => {
  const BODY = 1024 ** 3;
  const piece = Buffer.alloc(1024 * 1024);
  using server = await serveSockets((socket) =>
    socket.on('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BODY}\r\n\r\n`);
      let left = BODY / piece.length;
      const more = () => {
        while (left-- > 0) if (!socket.write(piece)) return socket.once('drain', more);
        return undefined;
      };
      more();
    }),
  );
  const before = process.memoryUsage();
  let most = 0;
  const watch = setInterval(() => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    most = Math.max(most, heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers);
  }, 20);
  const { run, rows } = gather(runLoad, {
    port: server.port,
    requests: [get('/')],
    arrivals: { kind: 'closed', connections: 1 },
    durationS: 0.1,
    timeoutMs: 60_000,
    graceMs: 60_000,
  });
  const summary = await run.done;
  clearInterval(watch);
  expect(faults(rows, summary)).toEqual([]);
  expect(rows.map(({ status, bytes }) => ({ status, bytes }))).toEqual([{ status: 200, bytes: BODY }]);
  expect(most).toBeLessThan(BODY / 8);
}, 60_000);
