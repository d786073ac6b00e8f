import { describe, expect, it } from 'vitest';
import { createPrice } from './price.js';

describe('what a call of the hooks is taken to cost', () => {
  it('is a guess at first, and what was measured once that is more than a moment', () => {
    const price = createPrice(0.1);
    expect(price.perCallUs).toBeCloseTo(0.3);
    price.learn(1000, 1000);
    expect(price.perCallUs).toBeLessThan(0.4);
    for (let i = 0; i < 30; i++) price.learn(20_000, 20_000);
    expect(price.perCallUs).toBeGreaterThan(0.9);
    expect(price.perCallUs).toBeLessThan(1);
  });

  it('stays within reason whatever noise says', () => {
    const price = createPrice(0.1);
    for (let i = 0; i < 30; i++) price.learn(-1e6, 20_000);
    expect(price.perCallUs).toBe(0.1);
    for (let i = 0; i < 60; i++) price.learn(1e7, 20_000);
    expect(price.perCallUs).toBe(2);
  });

  it('one wrong measurement among many changes little', () => {
    const price = createPrice(0.1);
    for (let i = 0; i < 30; i++) price.learn(4000, 10_000);
    const before = price.perCallUs;
    price.learn(20_000, 10_000);
    expect(price.perCallUs / before).toBeLessThan(1.4);
  });
});
