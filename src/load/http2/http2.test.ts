import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runLoad } from '../engine.js';
import type { LoadOptions } from '../options.js';
import { faults, gather, get, serveSockets } from '../testing.js';
import { FRAME, frame, PREFACE, settings } from './frames.js';
import { FrameReader } from './reader.js';
import { statusOf } from './status.js';

type Headers = Record<string, string | string[] | undefined>;

async function serve(
  onStream: (stream: ServerHttp2Stream, headers: Headers) => void,
  onSession: (session: ServerHttp2Session) => void = () => {},
  settings = {},
) {
  const server: Http2Server = createServer({ settings });
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session.on('error', () => {}));
    onSession(session);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    onStream(stream, headers as Headers);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sessions,
    [Symbol.dispose]() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

async function load(port: number, more: Partial<LoadOptions> = {}) {
  const { run, rows } = gather(runLoad, {
    ...{
      port,
      protocol: 'http2',
      requests: [get('/')],
      arrivals: { kind: 'open', ratePerS: 200 },
      durationS: 0.5,
      timeoutMs: 400,
      ...more,
    },
  });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(rows.length).toBeGreaterThan(5);
  return { rows, summary, statuses: [...new Set(rows.map(({ status, bytes }) => `${status} ${bytes}`))].sort() };
}

describe('answers', () => {
  it('many at a time over one connection, of all statuses and sizes, with the headers that were asked for', async () => {
    const seen = new Set<string>();
    using server = await serve((stream, headers) => {
      seen.add(
        JSON.stringify([
          headers[':method'],
          headers[':path'],
          headers[':scheme'],
          headers[':authority'],
          headers['x-a'],
          headers['connection'],
        ]),
      );
      if (headers[':path'] === '/none') stream.respond({ ':status': 204 }, { endStream: true });
      else if (headers[':path'] === '/sick') {
        stream.respond({ ':status': 503, 'x-long': 'y'.repeat(2_000) });
        stream.end('no');
      } else {
        setTimeout(() => {
          stream.respond({ ':status': 200 });
          stream.end('z'.repeat(40_000));
        }, 20);
      }
    });
    const requests = [
      { ...get('/slow?x=[1-1]'), headers: { 'X-A': 'b', Connection: 'close' } },
      get('/none'),
      { ...get('/sick'), method: 'PUT', route: 'PUT /sick', body: 'x' },
    ];
    const { statuses, summary, rows } = await load(server.port, { requests, timeoutMs: 5_000 });
    expect(statuses).toEqual(['200 40000', '204 0', '503 2']);
    expect(summary).toMatchObject({ errors: {}, connections: 1, done: rows.length });
    const host = `127.0.0.1:${server.port}`;
    expect([...seen].sort()).toEqual([
      JSON.stringify(['GET', '/none', 'http', host, null, null]),
      JSON.stringify(['GET', '/slow?x=1', 'http', host, 'b', null]),
      JSON.stringify(['PUT', '/sick', 'http', host, null, null]),
    ]);
  });

  it('to bodies larger than the windows of the server', async () => {
    const sizes = new Set<number>();
    using server = await serve((stream) => {
      let bytes = 0;
      stream.on('data', (piece: Buffer) => {
        bytes += piece.length;
      });
      stream.on('end', () => {
        sizes.add(bytes);
        stream.respond({ ':status': 200 });
        stream.end();
      });
    });
    const body = 'x'.repeat(300_000);
    const { statuses, summary } = await load(server.port, {
      requests: [{ ...get('/'), method: 'POST', body }],
      arrivals: { kind: 'closed', connections: 3 },
      timeoutMs: 5_000,
    });
    expect([...sizes]).toEqual([body.length]);
    expect({ statuses, errors: summary.errors }).toEqual({ statuses: ['200 0'], errors: {} });
  });

  it('never more at a time than the server allows', async () => {
    let now = 0;
    let most = 0;
    using server = await serve(
      (stream) => {
        most = Math.max(most, ++now);
        setTimeout(() => {
          now--;
          stream.respond({ ':status': 200 });
          stream.end();
        }, 10);
      },
      undefined,
      { maxConcurrentStreams: 3 },
    );
    const { summary } = await load(server.port, { maxConnections: 1, arrivals: { kind: 'open', ratePerS: 400 }, timeoutMs: 5_000 });
    expect({ errors: summary.errors, most, capReached: summary.capReached }).toEqual({ errors: {}, most: 3, capReached: true });
  });
});

describe('a server that', () => {
  it('never answers: timeouts, and the streams are given up', async () => {
    let given = 0;
    using server = await serve((stream) => stream.on('aborted', () => given++));
    const { summary, rows } = await load(server.port);
    expect(summary.errors).toEqual({ timeout: rows.length });
    expect(given).toBeGreaterThan(0);
  });

  it('resets streams', async () => {
    using server = await serve((stream) => stream.close(2));
    const { summary, rows } = await load(server.port);
    expect(summary.errors).toEqual({ reset: rows.length });
  });

  it('refuses some streams: they are sent again elsewhere', async () => {
    let count = 0;
    using server = await serve((stream) => {
      if (++count % 5 === 0) stream.close(7);
      else {
        stream.respond({ ':status': 200 });
        stream.end();
      }
    });
    const { summary } = await load(server.port, { timeoutMs: 5_000 });
    expect(summary.errors).toEqual({});
  });

  it('says goodbye (GOAWAY) again and again: nothing is lost', async () => {
    let count = 0;
    using server = await serve((stream) => {
      if (++count % 20 === 0) stream.session?.goaway(0);
      setTimeout(() => {
        if (stream.destroyed) return;
        stream.respond({ ':status': 200 });
        stream.end('bye');
      }, 5);
    });
    const { summary, rows } = await load(server.port, { timeoutMs: 5_000 });
    expect(summary).toMatchObject({ errors: {}, done: rows.length });
    expect(server.sessions.size).toBeGreaterThan(2);
    expect(summary.sent).toBe(rows.length);
  });

  it('hangs up before an answer', async () => {
    using server = await serve((stream) => stream.session?.destroy());
    const { summary } = await load(server.port, { maxConnections: 4 });
    expect(summary.done).toBe(0);
    for (const kind of Object.keys(summary.errors)) expect(['closed', 'reset']).toContain(kind);
  });

  it('hangs up in the middle of one', async () => {
    using server = await serveSockets((socket) => {
      socket.once('data', () => {
        socket.write(settings([]));
        socket.once('data', () => {
          for (let stream = 1; stream < 200; stream += 2) socket.write(frame(FRAME.headers, 4, stream, Buffer.of(0x88)));
          setTimeout(() => socket.end(), 5);
        });
      });
    });
    const { summary } = await load(server.port, { arrivals: { kind: 'closed', connections: 4 } });
    expect(Object.keys(summary.errors)).toEqual(['truncated']);
  });

  it.each([
    ['speaks HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    ['begins with another frame than SETTINGS', frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
  ])('%s', async (_, bytes) => {
    using server = await serveSockets((socket: Socket) => socket.once('data', () => socket.write(bytes)));
    const { summary, rows } = await load(server.port);
    expect(summary.errors).toEqual({ malformed: rows.length });
  });

  it('sends garbage frames for ever', async () => {
    using server = await serveSockets((socket: Socket) =>
      socket.once('data', () => {
        socket.write(settings([]));
        for (let i = 0; i < 300; i++) socket.write(frame(i % 12, i % 256, i % 7, Buffer.alloc(i % 40, i)));
      }),
    );
    const { summary } = await load(server.port);
    expect(summary.done).toBe(0);
  });
});

it('frames arrive whole however they are split', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(12), fc.nat(255), fc.nat(2 ** 31 - 1), fc.uint8Array({ maxLength: 60 })), { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 10 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(([type, flags, stream, payload]) => frame(type, flags, stream, payload)));
        const at = [...new Set([0, bytes.length, ...cuts.map((cut) => cut % (bytes.length + 1))])].sort((a, b) => a - b);
        const seen: unknown[] = [];
        const reader = new FrameReader({
          frame: (type, flags, stream, buffer, from, to) => seen.push([type, flags, stream, Uint8Array.from(buffer.subarray(from, to))]),
        });
        for (let i = 1; i < at.length; i++) {
          const piece = Buffer.from(bytes.subarray(at[i - 1], at[i]));
          expect(reader.feed(piece, piece.length, () => true)).toBe(true);
        }
        expect(seen).toEqual(frames);
      },
    ),
  );
  expect(new FrameReader({ frame() {} }).feed(PREFACE, PREFACE.length, () => true)).toBe(false);
});

it.each([
  ['indexed', [0x88], 200],
  ['indexed 500', [0x8e], 500],
  ['after a change of the table', [0x20, 0x8b], 304],
  ['after a large change of the table', [0x3f, 0xe1, 0x1f, 0x88], 200],
  ['literal with indexing', [0x48, 0x03, 0x34, 0x31, 0x38], 418],
  ['literal without', [0x08, 0x03, 0x35, 0x30, 0x33], 503],
  // RFC 7541, C.6.1: "302" in Huffman code.
  ['Huffman', [0x48, 0x82, 0x64, 0x02], 302],
  ['Huffman 307', [0x48, 0x83, 0x64, 0x0e, 0xff], 307],
  ['a trailer', [0x00, 0x01, 0x61, 0x01, 0x62], 0],
  ['nothing', [], 0],
])('status: %s', (_, bytes, status) => expect(statusOf(Uint8Array.from(bytes), 0, bytes.length)).toBe(status));

it('a port that is no server at all is refused', async () => {
  const server = createNetServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  const { summary, rows } = await load(port);
  expect(summary.errors).toEqual({ refused: rows.length });
});
