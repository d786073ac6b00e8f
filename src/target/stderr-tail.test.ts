import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Tail } from './stderr-tail.js';

const ESC = String.fromCharCode(27);

describe('Tail', () => {
  it('keeps the last lines, without colours', () => {
    const tail = new Tail();
    tail.add(Buffer.from(`one\n${ESC}[31mtwo${ESC}[0m\r\nthr`));
    tail.add(Buffer.from('ee'));
    expect(tail.lines()).toEqual(['one', 'two', 'three']);
  });

  it('joins a character that was cut in two', () => {
    const bytes = Buffer.from('größe');
    const tail = new Tail();
    for (const byte of bytes) tail.add(Buffer.of(byte));
    expect(tail.lines()).toEqual(['größe']);
  });

  it('is bounded, and its end is the end of what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30_000 }), { maxLength: 8 }), (chunks) => {
        const tail = new Tail();
        for (const chunk of chunks) tail.add(Buffer.from(chunk));
        tail.add(Buffer.from('\nthe end\n'));
        expect(tail.lines().length).toBeLessThanOrEqual(40);
        expect(tail.lines().at(-1)).toBe('the end');
      }),
      { numRuns: 50 },
    );
  });
});
