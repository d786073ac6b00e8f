import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageReader } from './web-socket.js';

/** A frame as a server sends it: not masked. */
function frame(opcode: number, payload: Buffer, final = true): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = (final ? 0x80 : 0) | opcode;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

describe('messageReader', () => {
  it('puts messages together, however they were cut and whatever came in between', () => {
    const lengths = fc.constantFrom(0, 1, 125, 126, 65_535, 65_536);
    fc.assert(
      fc.property(fc.array(lengths, { minLength: 1, maxLength: 4 }), fc.integer({ min: 50, max: 70_000 }), (sizes, step) => {
        const texts = sizes.map((size, i) => String(i).repeat(size));
        const bytes = Buffer.concat(
          texts.flatMap((text) => {
            const half = Math.floor(text.length / 2);
            return [frame(1, Buffer.from(text.slice(0, half)), false), frame(9, Buffer.from('p')), frame(0, Buffer.from(text.slice(half)))];
          }),
        );
        const seen: [number, string][] = [];
        const read = messageReader((opcode, payload) => seen.push([opcode, payload.toString()]));
        for (let at = 0; at < bytes.length; at += step) read(bytes.subarray(at, at + step));
        expect(seen).toEqual(texts.flatMap((text) => [[9, 'p'] as const, [1, text] as const]));
      }),
      { numRuns: 20 },
    );
  });

  it('refuses what would fill the memory', () => {
    const huge = frame(1, Buffer.alloc(65_536)).subarray(0, 10);
    huge.writeBigUInt64BE(1n << 40n, 2);
    expect(() => messageReader(() => {})(huge)).toThrow(RangeError);
  });
});
