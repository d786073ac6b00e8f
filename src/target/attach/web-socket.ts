import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';

/** As much of RFC 6455 as talking to Node's inspector on the loopback takes: text messages, both ways. */
export interface WebSocketLink {
  send(text: string): void;
  close(): void;
  /** Whoever closed it, and however. */
  readonly closed: Promise<void>;
}

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const LARGEST_MESSAGE_BYTES = 64 << 20;

/** Connects to ws://host:port/path. Rejects where nobody answers within `withinMs`. */
export function connectWebSocket(url: URL, withinMs: number, onText: (text: string) => void): Promise<WebSocketLink> {
  return new Promise((resolve, reject) => {
    const asking = request({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      },
      timeout: withinMs,
      agent: false,
    });
    asking.on('upgrade', (_response, socket: Socket, head) => resolve(talk(socket, head, onText)));
    asking.on('response', (response) => {
      response.resume();
      reject(new Error(`${url.host} answered ${response.statusCode} to a WebSocket`));
    });
    asking.on('timeout', () => asking.destroy(new Error(`${url.host} did not answer within ${withinMs} ms`)));
    asking.on('error', reject);
    asking.end();
  });
}

function talk(socket: Socket, head: Buffer, onText: (text: string) => void): WebSocketLink {
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const read = messageReader((opcode, payload) => {
    if (opcode === TEXT) onText(payload.toString('utf8'));
    else if (opcode === PING) socket.write(frameOf(PONG, payload));
    else if (opcode === CLOSE) socket.end(frameOf(CLOSE, payload));
  });
  const take = (chunk: Buffer) => {
    try {
      read(chunk);
    } catch {
      socket.destroy();
    }
  };
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', take);
  if (head.length > 0) take(head);
  return { closed, send: (text) => void socket.write(frameOf(TEXT, Buffer.from(text))), close: () => socket.destroy() };
}

/** A whole message in one frame; what a client sends is masked, by a mask that may be anything. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const length = payload.length;
  const head = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = 0x80 | length;
  else if (length < 65_536) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  const masked = Buffer.from(payload);
  for (let i = 0; i < length; i++) masked[i]! ^= mask[i & 3]!;
  return Buffer.concat([head, mask, masked]);
}

/** Puts messages together from chunks of any size. Throws on what is too long to be an answer. */
export function messageReader(take: (opcode: number, payload: Buffer) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  let partsOpcode = 0;
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const frame = firstFrame(pending);
      if (!frame) return;
      pending = pending.subarray(frame.end);
      if (frame.opcode >= CLOSE) {
        take(frame.opcode, frame.payload);
        continue;
      }
      if (frame.opcode !== 0) partsOpcode = frame.opcode;
      parts.push(frame.payload);
      if (!frame.final) continue;
      const message = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      parts = [];
      take(partsOpcode, message);
    }
  };
}

function firstFrame(bytes: Buffer): { final: boolean; opcode: number; payload: Buffer; end: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes[1]! & 0x7f;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < head) return null;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (length > LARGEST_MESSAGE_BYTES) throw new RangeError(`a message of ${length} bytes`);
  if (bytes.length < head + length) return null;
  return { final: (bytes[0]! & 0x80) !== 0, opcode: bytes[0]! & 0x0f, payload: bytes.subarray(head, head + length), end: head + length };
}
