import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { runLoad } from '../engine.js';
import type { LoadOptions } from '../options.js';
import { faults, gather, serveHttp, serveSockets } from '../testing.js';
import { MessageReader } from './frames.js';

const message = (body: string) => ({ method: 'POST', path: '/chat', route: 'POST /chat', body, weight: 1 });

async function load(port: number, more: Partial<LoadOptions> = {}) {
  const { run, rows } = gather(runLoad, {
    ...{
      port,
      protocol: 'websocket',
      requests: [message('hello')],
      arrivals: { kind: 'open', ratePerS: 150 },
      durationS: 0.5,
      timeoutMs: 400,
      ...more,
    },
  });
  const summary = await run.done;
  expect(faults(rows, summary)).toEqual([]);
  expect(rows.length).toBeGreaterThan(5);
  return { rows, summary };
}

/** What a server sends: not masked. */
function serverFrame(first: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.of(first, length), payload]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** Agrees to the upgrade, then treats every message like that. */
async function serveUpgraded(treat: (socket: Socket) => void) {
  return serveSockets((socket) => {
    socket.once('data', (request) => {
      const key = /Sec-WebSocket-Key: (\S+)/.exec(String(request))![1];
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.on('data', () => treat(socket));
    });
  });
}

it.each([5, 200, 70_000])('an echo of %d bytes, by the ws package', async (length) => {
  const seen = new Set<string>();
  using server = await serveHttp(
    () => {},
    (http) =>
      new WebSocketServer({ server: http, path: '/chat' }).on('connection', (socket) => {
        socket.ping();
        socket.on('message', (data: Buffer) => {
          seen.add(String(data));
          socket.send(data);
        });
      }),
  );
  const body = 'é'.repeat(length / 2) + 'x'.repeat(length % 2);
  const { summary, rows } = await load(server.port, { requests: [message(body)], timeoutMs: 5_000 });
  expect({ errors: summary.errors, seen: [...seen] }).toEqual({ errors: {}, seen: [body] });
  expect(new Set(rows.map(({ status, bytes }) => `${status} ${bytes}`))).toEqual(new Set([`101 ${Buffer.byteLength(body)}`]));
});

describe('a broadcast', () => {
  /** Sends what one says to all others, wrapped as chats do; every `deafEvery`th message is lost for one of them. */
  async function serveChat(deafEvery = Number.POSITIVE_INFINITY) {
    let count = 0;
    return serveHttp(
      () => {},
      (http) => {
        const chat = new WebSocketServer({ server: http });
        chat.on('connection', (socket) =>
          socket.on('message', (data: Buffer) => {
            const others = [...chat.clients].filter((other) => other !== socket);
            for (const other of ++count % deafEvery === 0 ? others.slice(1) : others) other.send(JSON.stringify({ text: String(data) }));
          }),
        );
      },
    );
  }

  it('is answered when all others have got it', async () => {
    using server = await serveChat();
    const { summary, rows } = await load(server.port, { broadcast: 6, timeoutMs: 5_000 });
    expect(summary).toMatchObject({ errors: {}, connections: 6, done: rows.length });
    // Five times {"text":"ddx-xxxxxxxx-N hello"}.
    for (const { bytes } of rows) expect(bytes / 5).toBeGreaterThan(28);
  });

  it('that does not reach one of them is a timeout', async () => {
    using server = await serveChat(4);
    const { summary, rows } = await load(server.port, { broadcast: 4, timeoutMs: 300 });
    expect(Object.keys(summary.errors)).toEqual(['timeout']);
    expect(Math.abs(summary.errors['timeout']! - rows.length / 4)).toBeLessThanOrEqual(1);
  });
});

describe('a server that', () => {
  it.each<[string, (socket: Socket) => void, string[]]>([
    ['never answers', () => {}, ['timeout']],
    ['says goodbye', (socket) => socket.write(serverFrame(0x88, Buffer.of(3, 232))), ['closed']],
    ['hangs up', (socket) => socket.end(), ['closed']],
    ['masks', (socket) => socket.write(Buffer.of(0x81, 0x81, 0, 0, 0, 0, 65)), ['malformed']],
    ['continues what did not begin', (socket) => socket.write(serverFrame(0x80, Buffer.from('x'))), ['malformed']],
    ['uses an extension that was not agreed', (socket) => socket.write(serverFrame(0xc1, Buffer.from('x'))), ['malformed']],
  ])('%s', async (_, treat, kinds) => {
    using server = await serveUpgraded(treat);
    const { summary } = await load(server.port, { arrivals: { kind: 'closed', connections: 3 } });
    expect(Object.keys(summary.errors)).toEqual(kinds);
    expect(summary.done).toBe(0);
  });

  it('does not know WebSocket', async () => {
    using server = await serveHttp((_, response) => response.writeHead(404).end());
    const { summary, rows } = await load(server.port);
    expect(summary.errors).toEqual({ malformed: rows.length });
  });
});

it('messages arrive whole however they are split and cut into frames', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 12 }), (messages, cuts) => {
      const frames = messages.flatMap((parts) =>
        parts.flatMap((part, i) => [
          serverFrame((i === parts.length - 1 ? 0x80 : 0) | (i === 0 ? 2 : 0), part),
          serverFrame(0x89, Buffer.from('ping')),
        ]),
      );
      const bytes = Buffer.concat(frames);
      const at = [...new Set([0, bytes.length, ...cuts.map((cut) => cut % (bytes.length + 1))])].sort((a, b) => a - b);
      const seen: number[] = [];
      let pings = 0;
      const reader = new MessageReader({
        message: (length) => seen.push(length),
        control: (_, payload) => (pings += String(payload) === 'ping' ? 1 : 0),
      });
      for (let i = 1; i < at.length; i++) expect(reader.feed(bytes.subarray(0, at[i]), at[i - 1]!, at[i]!, () => true)).toBe(true);
      expect(seen).toEqual(messages.map((parts) => parts.reduce((sum, part) => sum + part.length, 0)));
      expect(pings).toBe(messages.flat().length);
    }),
  );
});
