import { expect, test } from 'vitest';
import { lanesOf, summaryOf } from './lanes.js';

const points: [number, number][] = [
  [0.5, 3],
  [1, 1],
  [1.5, 2],
];

test('lines of one group and unit share a lane; what readers ask first comes first', () => {
  const lanes = lanesOf({
    'pool/probe': { unit: 'ms', points },
    'loop/utilisation': { unit: 'share', points },
    'loop/delay-max': { unit: 'ms', points },
    own: { unit: 'threads', points },
    'latency/p50': { unit: 'ms', points },
    'latency/p99': { unit: 'ms', points },
    'heap/used': { unit: 'MB', points: [] },
  });
  expect(lanes.map(({ title, unit, lines }) => [title, unit, lines.map(({ name }) => name)])).toEqual([
    ['latency', 'ms', ['p50', 'p99']],
    ['event loop', 'share', ['utilisation']],
    ['event loop', 'ms', ['delay max']],
    ['libuv pool', 'ms', ['probe']],
    ['own', 'threads', ['']],
  ]);
});

test('a line in three numbers', () => {
  expect(summaryOf({ unit: 'ms', points })).toEqual({ min: '1.0 ms', median: '2.0 ms', max: '3.0 ms' });
});
