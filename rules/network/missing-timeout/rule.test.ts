import { describe, expect, it } from 'vitest';
import { type HungCalls, hungCalls } from '../../../src/facts/hung-calls.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const calls: HungCalls = {
  server: 'http://rates:80',
  question: 'GET /rates/:id',
  hung: 12,
  held: 12,
  unanswered: 0,
  oldestMs: 9400,
  answered: 300,
  answerP50Ms: 12,
  answerP99Ms: 40,
  givenUp: 0,
  givenUpMs: 0,
  route: 'GET /orders/:id',
  routeShare: 0.04,
  location: { file: 'src/rates.js', line: 6, function: 'rateOf', source: 'app' },
};
const judge = (change: Partial<HungCalls> = {}, pressure?: Partial<ThreadPressure>) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(hungCalls, [{ ...calls, ...change }]),
      ...(pressure ? [given(threadPressure, pressure as ThreadPressure)] : []),
    ),
  );

describe('network/missing-timeout', () => {
  it('names the call, how many requests it holds and for how long', () => {
    expect(judge()).toMatchObject({
      is: 'present',
      findings: [{ route: 'GET /orders/:id', location: { line: 6 }, evidence: [{ value: 12 }, { value: 12, threshold: 3 }, { value: 0 }] }],
    });
  });
  it('is absent where few requests are held, with their number', () => {
    expect(judge({ held: 2 })).toMatchObject({ is: 'absent', because: { value: 2, threshold: 3 } });
  });
  it('counts other requests of the route without an answer where at least two calls were seen', () => {
    expect(judge({ held: 2, unanswered: 6 }).is).toBe('present');
    expect(judge({ held: 1, unanswered: 6 }).is).toBe('absent');
  });
  it('is absent where calls are given up: somebody has set a deadline', () => {
    expect(judge({ givenUp: 4, givenUpMs: 5000 }).is).toBe('absent');
  });
  it('is absent where answers may take as long', () => {
    expect(judge({ oldestMs: 1900 }).is).toBe('absent');
    expect(judge({ answerP99Ms: 1000 }).is).toBe('absent');
  });
  it('wants more where nobody was ever answered: some are waited for on purpose', () => {
    const silent = { answered: 0, answerP50Ms: 0, answerP99Ms: 0 };
    expect(judge({ ...silent, held: 9 }).is).toBe('absent');
    expect(judge({ ...silent, held: 10 }).is).toBe('present');
  });
  it('leaves a crowded machine the benefit of the doubt for a while', () => {
    const crowded = { cores: 2, mainWaitShare: 0.6, neighbourCores: 1.5 };
    expect(judge({ oldestMs: 3000 }, crowded).is).toBe('inconclusive');
    expect(judge({}, crowded).is).toBe('present');
  });
  it('is absent where every call was answered', () => {
    expect(rule.judge(factsOf(given(window, tenSeconds()), given(hungCalls, []))).is).toBe('absent');
  });
});
