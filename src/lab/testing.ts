import type { ScoredRun } from './score-book.js';

/** A remembered run for tests: a leak that was found. */
export function scored(change: Partial<ScoredRun> = {}): ScoredRun {
  return {
    scenario: 'memory/heap-leak',
    family: 'f1',
    seed: 0,
    attempt: 0,
    sick: true,
    tries: 1,
    variation: { cause: 'keyed-cache', framework: 'koa', language: 'esm', noise: 'none' },
    node: 'v20.20.2',
    truth: ['memory/heap-leak'],
    outcome: 'right',
    found: ['memory/heap-leak'],
    rightLine: true,
    blamed: [],
    nursery: [],
    seconds: 12,
    judge: 'j1',
    machine: 0,
    ...change,
  };
}
