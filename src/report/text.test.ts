import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cells, clip, joined, middle, padEnd, padStart, showable, showableCode, wrap } from './text.js';

/** Characters that attack: controls, escapes, bidi marks, invisibles, half surrogates, wide and combining ones. */
const nasty = fc.constantFrom(
  ...'\u0000\u0007\b\t\n\r\u001b\u007f\u0085\u009b\u00ad\u061c\u200b\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufe0f\ufeff\ud800\udfff\ue000\uffff',
  '\u001b[2J',
  '\u001b]8;;http://x\u0007',
  '\u{e0041}',
  '\u{1f468}\u200d\u{1f469}',
  '漢',
  'e\u0301',
  '\u0300'.repeat(9),
);
const text = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.constant('GET /orders/:id ')), {
    maxLength: 30,
  })
  .map((parts) => parts.join(''));

const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/u;

test('nothing that a terminal or an eye obeys passes', () => {
  fc.assert(
    fc.property(text, (raw) => {
      expect(showable(raw)).not.toMatch(OBEYED);
      expect(showableCode(raw)).not.toMatch(OBEYED);
    }),
    { numRuns: 200 },
  );
  let all = '';
  for (let code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 7) all += showable(String.fromCodePoint(code));
  expect(OBEYED.exec(all)).toBeNull();
});

test('what people write stays as it is', () => {
  for (const kept of ['GET /orders/:id', 'größte Übergabe', '注文', 'é ñ', '🙂', 'a → b · c … “d”']) expect(showable(kept)).toBe(kept);
  expect(showable('a\tb\r\nc\nd')).toBe('a b c d');
  expect(showableCode('\tif (x)')).toBe('  if (x)');
});

test('shortened, wrapped and padded text takes the cells it may', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 60 }), (raw, width) => {
      const shown = showable(raw);
      expect(cells(middle(shown, width))).toBeLessThanOrEqual(width);
      expect(cells(clip(shown, width))).toBeLessThanOrEqual(width);
      if (width >= 2) for (const line of wrap(shown, width)) expect(cells(line)).toBeLessThanOrEqual(width);
      if (cells(shown) <= width) {
        expect(cells(padEnd(shown, width))).toBe(width);
        expect(cells(padStart(shown, width))).toBe(width);
        expect(middle(shown, width)).toBe(shown);
      }
    }),
    { numRuns: 200 },
  );
});

test('wrapping loses no word, and keeps a number with its unit', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z0-9]{1,12}$/), { maxLength: 30 }), fc.integer({ min: 12, max: 60 }), (words, width) => {
      const lines = wrap(words.join(' '), width);
      expect(lines.join(' ').split(/\s+/).join('')).toBe(words.join(''));
    }),
  );
  expect(wrap('it took 412 ms', 11)).toEqual(['it took', '412 ms']);
  expect(wrap('', 20)).toEqual(['']);
});

test('names are shortened where they differ least', () => {
  expect(middle('GET /api/v1/customers/:id/orders', 20)).toBe('GET /api/…:id/orders');
  expect(cells('漢字🙂e\u0301')).toBe(7);
});

test('parts go on as few lines as fit', () => {
  expect(joined(['aaa', 'bbb', 'ccc'], ' · ', 9)).toEqual(['aaa · bbb', 'ccc']);
});

test('a megabyte is cut before it costs anything', () => {
  expect(showable('x'.repeat(1_000_000)).length).toBeLessThan(5_000);
});
