import { expect, it } from 'vitest';
import { diffLines } from './diff.js';

const marked = (before: string, after: string) =>
  diffLines(before.split(' '), after.split(' ')).map((hunk) => hunk.map(({ sign, line, text }) => `${sign}${line}${text}`).join(' '));

it('finds nothing where nothing changed', () => {
  expect(marked('a b c', 'a b c')).toEqual([]);
});

it('shows a replaced line with two lines around it', () => {
  expect(marked('a b c d e f g', 'a b c X e f g')).toEqual([' 2b  3c -4d +4X  5e  6f']);
});

it('shows added and removed lines, and what is far apart in hunks of its own', () => {
  expect(marked('a b c d e f g h', 'N a b c d e f h')).toEqual(['+1N  1a  2b', ' 5e  6f -7g  8h']);
  expect(marked('a b', 'a')).toEqual([' 1a -2b']);
});
