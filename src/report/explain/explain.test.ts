import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cells } from '../text.js';
import { renderExplanationHtml } from './page.js';
import { parseExplanation, parseInline } from './parse.js';
import { renderExplanation } from './terminal.js';

const root = resolve(import.meta.dirname, '../../..');
const files = readdirSync(resolve(root, 'docs/rules'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
const pages = files.map((file) => [file, readFileSync(resolve(root, 'docs/rules', file), 'utf8')] as const);

test('every kind of block and of inline text is understood', () => {
  const text =
    '# Title\n\nA **b** `c`\nd [e](f.md).\n\n- one\n  more\n- two\n\n```js\nx\n```\n\n| h | i |\n| --- | --- |\n| a\\|b | `c` |\n';
  expect(parseExplanation(text)).toEqual([
    { is: 'heading', level: 1, text: 'Title' },
    { is: 'paragraph', text: 'A **b** `c` d [e](f.md).' },
    {
      is: 'list',
      items: [
        { mark: '-', text: 'one more' },
        { mark: '-', text: 'two' },
      ],
    },
    { is: 'code', language: 'js', lines: ['x'] },
    { is: 'table', head: ['h', 'i'], rows: [['a|b', '`c`']] },
  ]);
  expect(parseInline('A **b**, `c` [e](f)')).toEqual([
    { style: 'plain', text: 'A ' },
    { style: 'strong', text: 'b' },
    { style: 'plain', text: ', ' },
    { style: 'code', text: 'c' },
    { style: 'plain', text: ' ' },
    { style: 'link', text: 'e', href: 'f' },
  ]);
});

describe.each(pages)('%s', (_, page) => {
  test.each([60, 80, 120, 200])('no line is wider than %i, in Unicode and in ASCII', (width) => {
    for (const unicode of [true, false]) {
      const text = renderExplanation(page, { width, color: false, unicode });
      expect(text.split('\n').filter((line) => cells(line) > width)).toEqual([]);
      if (!unicode) expect(text).toMatch(/^[ -~\n]*$/);
      const coloured = renderExplanation(page, { width, color: true, unicode });
      expect(stripVTControlCharacters(coloured)).toBe(text);
    }
  });
});

test('no word of the prose is lost on the way to the terminal', () => {
  const words = (text: string): string => text.replace(/[\s·`*]+/g, '');
  const prose = 'Some **bold words**, a `code span`; and (`x`) more: **a**.';
  expect(words(renderExplanation(prose, { width: 60, color: false, unicode: true }))).toBe(words(prose));
});

test('lines that only begin like a heading, and words of many parts, end', () => {
  expect(parseExplanation('# a\rb\n\n```js\nx')).toEqual([
    { is: 'heading', level: 1, text: 'a\rb' },
    { is: 'code', language: 'js', lines: ['x'] },
  ]);
  const long = '`code`**strong**'.repeat(20);
  for (const line of renderExplanation(long, { width: 60, color: false, unicode: true }).split('\n'))
    expect(cells(line)).toBeLessThanOrEqual(60);
});

test('whatever a page holds, it is laid out, and nothing in it is markup', () => {
  const piece = fc.oneof(
    fc.constantFrom('# ', '```', '|', '- ', '1. ', '**', '`', '[a](javascript:x)', '<script>', '\u001b[2J', '\n', ' '),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 60, max: 200 }), (pieces, width) => {
      const text = renderExplanation(pieces.join(''), { width, color: false, unicode: true });
      for (const line of text.split('\n')) expect(cells(line)).toBeLessThanOrEqual(width);
      expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
      const html = renderExplanationHtml(pieces.join(''));
      expect(html).not.toMatch(/<script|href="javascript/);
    }),
    { numRuns: 300 },
  );
});
