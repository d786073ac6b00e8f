import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCount, parseDuration, parseOutput, parsePort, parseRate } from './values.js';

describe('parseDuration', () => {
  it.each([
    ['30s', 30_000],
    ['2m', 120_000],
    ['500ms', 500],
    ['1h', 3_600_000],
    ['1.5s', 1500],
    ['20', 20_000],
    [' 5s ', 5000],
    ['0', 0],
  ])('%s', (text, ms) => {
    expect(parseDuration(text, 'for')).toBe(ms);
  });

  it.each(['', 'abc', '5 s', '-5s', '5d', '1e9s', 's', '25h', 'Infinity', '0x10', '5s5s'])('refuses "%s"', (text) => {
    expect(() => parseDuration(text, 'for')).toThrow(/--for/);
  });

  it('gives a duration of a day at most, or refuses', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          const ms = parseDuration(text, 'for');
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(86_400_000);
        } catch (error) {
          expect((error as Error).message).toContain('--for');
        }
      }),
    );
  });
});

describe('numbers', () => {
  it('takes rates above zero', () => {
    expect(parseRate('0.5', 'rate')).toBe(0.5);
    for (const text of ['0', '-1', 'NaN', '', ' ', '1e9', 'ten']) expect(() => parseRate(text, 'rate')).toThrow(/--rate/);
  });

  it('takes whole counts and ports in range', () => {
    expect(parseCount('10', 'connections')).toBe(10);
    expect(parsePort('8080', 'port')).toBe(8080);
    for (const text of ['0', '1.5', '-1', 'x', '']) expect(() => parseCount(text, 'connections')).toThrow();
    for (const text of ['0', '65536', 'http', '']) expect(() => parsePort(text, 'port')).toThrow();
  });
});

describe('parseOutput', () => {
  it('splits at the first equals sign', () => {
    expect(parseOutput('json=a=b', 'output')).toEqual({ kind: 'json', path: 'a=b' });
    for (const text of ['json', 'json=', '=x', 'pdf=x', '']) expect(() => parseOutput(text, 'output')).toThrow(/--output/);
  });
});
