import { expect, test } from 'vitest';
import { wordBytes, wordCount, wordFixed, wordMany, wordMs, wordRate, wordSeconds, wordShare, wordValue } from './wording.js';

test('durations change their unit before they become unreadable', () => {
  expect([0, 0.42, 0.9996, 4, 9.96, 412.4, 999.6, 1240, 12_400, 125_000].map(wordMs)).toEqual([
    '0 ms',
    '0.42 ms',
    '1.0 ms',
    '4.0 ms',
    '10 ms',
    '412 ms',
    '1.00 s',
    '1.24 s',
    '12.4 s',
    '2 min 5 s',
  ]);
  expect([1.9, 30, 119, 120, 3600].map(wordSeconds)).toEqual(['1.9 s', '30 s', '119 s', '2 min', '60 min']);
});

test('counts, rates, shares, sizes', () => {
  expect([0, 999, 5991, 1_000_000].map(wordCount)).toEqual(['0', '999', '5,991', '1,000,000']);
  expect([0.04, 120.13, 4210.4].map(wordRate)).toEqual(['0.0', '120.1', '4,210']);
  expect([0, 0.0002, 0.004, 0.05, 0.0996, 0.81, 0.997, 1].map(wordShare)).toEqual([
    '0 %',
    '< 0.1 %',
    '0.4 %',
    '5 %',
    '10 %',
    '81 %',
    '> 99 %',
    '100 %',
  ]);
  expect([0, 1023, 1024, 61 * 2 ** 20, 1.4 * 2 ** 30].map(wordBytes)).toEqual(['0 B', '1023 B', '1.0 KB', '61 MB', '1.4 GB']);
  expect([wordMany(1, 'root cause'), wordMany(2, 'root cause')]).toEqual(['1 root cause', '2 root causes']);
});

test('an integer of small units as a decimal number', () => {
  expect([wordFixed(10_043, 1), wordFixed(5, 2), wordFixed(0, 0), wordFixed(1_240_000, 3)]).toEqual(['1,004.3', '0.05', '0', '1,240.000']);
});

test('a value in the unit it was measured in', () => {
  expect([
    wordValue(0.94, 'share'),
    wordValue(231.4, 'ms'),
    wordValue(12, 'count'),
    wordValue(310 * 2 ** 20, 'bytes/s'),
    wordValue(1.0833, 'threads'),
    wordValue(412.6, 'req/s'),
  ]).toEqual(['94 %', '231 ms', '12', '310 MB/s', '1.08 threads', '413 req/s']);
});

test('what is not a number is not shown as one', () => {
  for (const word of [wordMs, wordSeconds, wordCount, wordRate, wordShare, wordBytes]) expect(word(Number.NaN)).toBe('–');
  expect([wordMs(-1), wordMs(Number.POSITIVE_INFINITY)]).toEqual(['–', '–']);
});
