import { expect, it } from 'vitest';
import { RULES } from '../../../rules/index.js';
import { choicesFor } from './quiz.js';

it.each(RULES.map(({ id }) => [id] as const))('%s is among its choices, once, with what it is confused with', (id) => {
  for (let seed = 0; seed < 20; seed++) {
    const rules = choicesFor(id, seed).map(({ rule }) => rule);
    expect(new Set(rules).size).toBe(rules.length);
    expect(rules).toContain(id);
    expect(rules.at(-1)).toBeNull();
    const alike = RULES.find((rule) => rule.id === id)!.mimics.length;
    expect(rules.filter((rule) => rule !== null && RULES.find((other) => other.id === id)!.mimics.includes(rule)).length).toBe(
      Math.min(4, alike),
    );
  }
});

it('the place of the truth depends on the seed alone', () => {
  const places = Array.from({ length: 30 }, (_, seed) =>
    choicesFor('memory/heap-leak', seed).findIndex(({ rule }) => rule === 'memory/heap-leak'),
  );
  expect(new Set(places).size).toBeGreaterThan(2);
  expect(choicesFor('memory/heap-leak', 5)).toEqual(choicesFor('memory/heap-leak', 5));
});

it('a healthy server has illnesses to choose from, and that there is none', () => {
  const choices = choicesFor(null, 1);
  expect(choices).toHaveLength(6);
  expect(choices.at(-1)).toEqual({ rule: null, title: 'Nothing: it is well' });
});
