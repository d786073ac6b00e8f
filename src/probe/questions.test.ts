import { afterEach, expect, it } from 'vitest';
import { forgetQuestions, numberOf, numberOfStatement } from './questions.js';

afterEach(forgetQuestions);

it('gives the same question the same number, and never gives one to two questions', () => {
  const first = numberOf('/rates/7?in=eur');
  expect(numberOf('/rates/7?in=eur')).toBe(first);
  const others = Array.from({ length: 3000 }, (_, i) => numberOf(`/rates/${i}`));
  expect(new Set([first, ...others]).size).toBe(3001);
});

it('does not hold on to long ones', () => {
  expect(numberOf('x'.repeat(501))).toBe(-1);
});

it('tells statements apart by their values, however they are handed over', () => {
  const text = 'SELECT * FROM rates WHERE id = $1';
  const seven = numberOfStatement(text, [text, [7]]);
  expect(numberOfStatement(text, [{ text, values: [7] }])).toBe(seven);
  expect(numberOfStatement(text, [text, [8]])).not.toBe(seven);
  expect(numberOfStatement(text, [text, ['7']])).not.toBe(seven);
  expect(numberOfStatement(text, [text, () => undefined])).toBe(numberOfStatement(text, [text]));
});

it('gives none where values are no plain ones, or bite', () => {
  expect(numberOfStatement('SELECT $1', ['', [{ id: 7 }]])).toBe(-1);
  const biting = new Proxy([], {
    get() {
      throw new Error('hands off');
    },
  });
  expect(numberOfStatement('SELECT $1', ['', biting])).toBe(-1);
});
