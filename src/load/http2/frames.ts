import type { PlainRequest } from '../request-bytes.js';

/** RFC 9113, section 6. */
export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8, continuation: 9 } as const;
export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;
export const HEAD_BYTES = 9;
/** What every endpoint must take, and what we leave it at. */
export const MAX_FRAME_BYTES = 16_384;
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Not of HTTP/2 (RFC 9113, section 8.2.2), or said by a pseudo-header. */
const NOT_SENT = /^(host|connection|keep-alive|proxy-connection|transfer-encoding|upgrade|te)$/i;

export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, HEAD_BYTES);
  return bytes;
}

/** Pairs of [identifier, value]. */
export function settings(pairs: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.allocUnsafe(pairs.length * 6);
  for (const [i, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  }
  return frame(FRAME.settings, 0, 0, payload);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * A request as frames of stream 0, the number to be put in when it is sent. Its body is one DATA frame, however long: the channel cuts
 * it as the receiver's windows allow.
 */
export function http2Bytes({ method, scheme, authority, headers, body }: PlainRequest): (path: string) => Buffer {
  const rest = Buffer.concat([
    Buffer.of(0x01),
    text(headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? authority),
    ...headers.filter(([name]) => !NOT_SENT.test(name)).flatMap(([name, value]) => [Buffer.of(0), text(name.toLowerCase()), text(value)]),
  ]);
  const before = Buffer.concat([methodField(method), Buffer.of(scheme === 'https' ? 0x87 : 0x86)]);
  const data = body === undefined || body === '' ? null : frame(FRAME.data, FLAG.endStream, 0, Buffer.from(body));
  return (path) => {
    const block = Buffer.concat([before, path === '/' ? Buffer.of(0x84) : Buffer.concat([Buffer.of(0x04), text(path)]), rest]);
    const frames: Buffer[] = [];
    for (let at = 0; at < block.length; at += MAX_FRAME_BYTES) {
      const isLast = at + MAX_FRAME_BYTES >= block.length;
      const flags = (isLast ? FLAG.endHeaders : 0) | (at === 0 && !data ? FLAG.endStream : 0);
      frames.push(frame(at === 0 ? FRAME.headers : FRAME.continuation, flags, 0, block.subarray(at, at + MAX_FRAME_BYTES)));
    }
    if (data) frames.push(data);
    return frames.length === 1 ? frames[0]! : Buffer.concat(frames);
  };
}

/** Literal fields without indexing (RFC 7541): nothing that we send depends on a table. */
function methodField(method: string): Buffer {
  if (method === 'GET') return Buffer.of(0x82);
  if (method === 'POST') return Buffer.of(0x83);
  return Buffer.concat([Buffer.of(0x02), text(method)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const prefix: number[] = [];
  let length = bytes.length;
  if (length < 127) prefix.push(length);
  else {
    prefix.push(127);
    for (length -= 127; length >= 128; length = Math.floor(length / 128)) prefix.push((length % 128) | 128);
    prefix.push(length);
  }
  return Buffer.concat([Buffer.from(prefix), bytes]);
}
