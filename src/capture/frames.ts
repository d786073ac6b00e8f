import type { ProbeMessage } from '../model/wire.js';

/** What the probe sent, one frame. */
export type Frame = { type: 'message'; message: ProbeMessage } | { type: 'rows'; stream: number; values: Float64Array };

/** The largest honest frame is a CPU profile of a large program. */
const MAX_FRAME_BYTES = 128 << 20;

/**
 * Cuts a byte stream into frames (see model/wire.ts). Returns a function to be fed with chunks of any size. What can't be a frame throws:
 * the peer is then no probe and its connection is to be closed.
 */
export function frameReader(take: (frame: Frame) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let held = 0;
  let needed = 4;
  return (chunk) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held < needed) return;
    let bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    while (bytes.length >= 4) {
      const length = bytes.readUInt32LE(0);
      if (length < 1 || length > MAX_FRAME_BYTES) throw new RangeError(`a frame of ${length} bytes`);
      needed = 4 + length;
      if (bytes.length < needed) break;
      take(decode(bytes.subarray(4, needed)));
      bytes = bytes.subarray(needed);
      needed = 4;
    }
    chunks = [bytes];
    held = bytes.length;
  };
}

function decode(frame: Buffer): Frame {
  if (frame[0] === 1) return { type: 'message', message: JSON.parse(frame.toString('utf8', 1)) as ProbeMessage };
  if (frame[0] !== 2 || frame.length < 2 || (frame.length - 2) % 8 !== 0) throw new RangeError(`a frame of unknown type ${frame[0]}`);
  // Float64Array wants aligned memory; the frame's offset is arbitrary.
  const copy = new Uint8Array(frame.length - 2);
  copy.set(frame.subarray(2));
  return { type: 'rows', stream: frame[1]!, values: new Float64Array(copy.buffer) };
}
