import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, frameReader } from './frames.js';

const encode = (type: number, payload: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32LE(payload.length + 1, 0);
  head[4] = type;
  return Buffer.concat([head, payload]);
};
const message = (value: unknown): Buffer => encode(1, Buffer.from(JSON.stringify(value)));
const rows = (stream: number, values: number[]): Buffer =>
  encode(2, Buffer.concat([Buffer.of(stream), Buffer.from(Float64Array.from(values).buffer)]));

const anyFrame = fc.oneof(
  fc.record({ t: fc.constant('string'), i: fc.nat(), s: fc.string() }).map((value) => ({ bytes: message(value), value })),
  fc
    .record({ stream: fc.nat(255), values: fc.array(fc.double({ noNaN: true }), { maxLength: 40 }) })
    .map(({ stream, values }) => ({ bytes: rows(stream, values), value: { stream, values } })),
);

describe('frameReader', () => {
  it('reads the same frames however the bytes are split', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 10 }), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (frames, sizes) => {
        const seen: unknown[] = [];
        const read = frameReader((frame: Frame) => {
          seen.push(frame.type === 'message' ? frame.message : { stream: frame.stream, values: [...frame.values] });
        });
        const bytes = Buffer.concat(frames.map((frame) => frame.bytes));
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length]!;
          read(bytes.subarray(at, at + size));
          at += size;
        }
        expect(seen).toEqual(frames.map(({ value }) => value));
      }),
    );
  });

  it.each([
    ['an empty frame', Buffer.of(0, 0, 0, 0)],
    ['a huge frame', Buffer.of(255, 255, 255, 255, 1)],
    ['an unknown type', encode(7, Buffer.from('x'))],
    ['rows cut in mid-number', encode(2, Buffer.alloc(12))],
    ['a message that is no JSON', encode(1, Buffer.from('{'))],
  ])('refuses %s', (_, bytes) => {
    expect(() => frameReader(() => {})(bytes)).toThrow();
  });

  it('answers any bytes with frames or a refusal, and never waits for more than it may', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = frameReader(() => {});
        try {
          read(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
