import { expect, test } from 'vitest';
import { accusedPart, placeWords } from './place.js';

const marked = (line: string, column?: number): string => line.slice(...accusedPart(line, column));

test('the name at the column', () => {
  expect(marked('  const a = rows.toSorted(byAge);', 13)).toBe('rows.toSorted');
  expect(marked('  await pool.query(sql);', 3)).toBe('await pool.query');
  expect(marked('größe(1)', 1)).toBe('größe');
});

test('all of the line where the column says nothing', () => {
  expect(marked('  let row = Array.from({ length: n });  ')).toBe('let row = Array.from({ length: n });');
  expect(marked('  let row = Array.from(x);', 15)).toBe('let row = Array.from(x);');
  expect(marked('  let row = 1;', 1)).toBe('let row = 1;');
  expect(marked('  let row = 1;', 99)).toBe('let row = 1;');
  expect(marked('  (x)', 3)).toBe('(x)');
  expect(marked('   ', 2)).toBe('');
});

test('a place without a line is only a name', () => {
  expect([placeWords({ file: 'a.ts', line: 3 }), placeWords({ file: 'other processes', line: 0 })]).toEqual(['a.ts:3', 'other processes']);
});
