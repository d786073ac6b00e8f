import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const read = (name: string): string => readFileSync(new URL(`../src/ui/style/${name}`, import.meta.url), 'utf8');

/** WCAG 2.2, 1.4.3: text of normal size. */
const AA = 4.5;
const SERIES_ON_PAGE = 3;

const [light, dark] = read('tokens.css').split('@media (prefers-color-scheme: dark)').map(tokensOf);

describe.each([
  ['light', light!],
  ['dark', { ...light!, ...dark! }],
])('%s', (_, tokens) => {
  test.each([
    ['ink', ['page', 'card', 'code', 'bad-soft', 'good-soft', 'warn-soft']],
    ['ink-2', ['page', 'card', 'code', 'bad-soft', 'good-soft', 'warn-soft', 'flame-faded']],
    ['link', ['page', 'card']],
    ['bad', ['page', 'card', 'bad-soft']],
    ['good', ['card', 'good-soft']],
    ['warn', ['page', 'warn-soft']],
  ])('%s can be read on everything it stands on', (ink, grounds) => {
    for (const ground of grounds) expect(contrast(tokens[ink]!, tokens[ground]!), `${ink} on ${ground}`).toBeGreaterThanOrEqual(AA);
  });

  test('boxes of the flame graph can be read', () => {
    for (const source of ['app', 'dependency', 'node', 'native', 'gc'])
      expect(contrast(tokens[`flame-${source}-ink`]!, tokens[`flame-${source}`]!), source).toBeGreaterThanOrEqual(AA);
  });

  test('lines of the charts can be seen', () => {
    for (const i of [1, 2, 3, 4])
      expect(contrast(tokens[`series-${i}`]!, tokens['page']!), `series ${i}`).toBeGreaterThanOrEqual(SERIES_ON_PAGE);
  });
});

test('names written into bars can be read on their account', () => {
  const rules = [...read('accounts.css').matchAll(/^(?: {2})?(\.acc-[^{]+)\{([^}]+)\}/gm)];
  expect(rules.length).toBeGreaterThan(15);
  for (const [, selector, body] of rules) {
    const { c, i = '#fff' } = tokensOf(body!);
    expect(contrast(i, c!), selector!).toBeGreaterThanOrEqual(AA);
  }
});

function tokensOf(css: string): Record<string, string> {
  return Object.fromEntries([...css.matchAll(/--([\w-]+):\s*(#[0-9a-f]{3,6})/g)].map(([, name, value]) => [name!, value!]));
}

function contrast(a: string, b: string): number {
  const [bright, dim] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (bright! + 0.05) / (dim! + 0.05);
}

function luminance(hex: string): number {
  const digits = hex.length === 4 ? [...hex.slice(1)].map((d) => d + d).join('') : hex.slice(1);
  const [r, g, b] = [0, 2, 4].map((at) => {
    const value = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
