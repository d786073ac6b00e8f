import { describe, expect, it } from 'vitest';
import { type LeakedConnections, leakedConnections } from '../../../src/facts/leaked-connections.js';
import { factsOf, given } from '../../../src/facts/testing.js';
import { rule } from './rule.js';

const pool: LeakedConnections = {
  server: 'postgres://db:5432/shop',
  size: 10,
  leaked: 10,
  afterAnswer: 9,
  oldestMs: 8000,
  waiting: 14,
  gaveUp: 0,
  route: 'GET /accounts/:id',
  location: { file: 'src/accounts.js', line: 6, function: 'balanceOf', source: 'app' },
};
const judge = (change: Partial<LeakedConnections> = {}) => rule.judge(factsOf(given(leakedConnections, [{ ...pool, ...change }])));

describe('database/connection-leak', () => {
  it('names where those were taken that never came back, and who waits for them', () => {
    expect(judge()).toMatchObject({
      is: 'present',
      findings: [
        { route: 'GET /accounts/:id', symptom: 'latency', location: { line: 6 }, evidence: [{ value: 10 }, { value: 9 }, { value: 14 }] },
      ],
    });
  });
  it('says what is lost while there are some left', () => {
    expect(judge({ leaked: 4 })).toMatchObject({ findings: [{ symptom: 'risk', explainedShare: 0.4 }] });
  });
  it('is absent where one or two are kept on purpose, with their number', () => {
    expect(judge({ leaked: 2 })).toMatchObject({ is: 'absent', because: { value: 2, threshold: 3 } });
    expect(judge({ leaked: 3 }).is).toBe('present');
  });
  it('but two are a small pool', () => {
    expect(judge({ leaked: 2, size: 3 }).is).toBe('present');
    expect(judge({ leaked: 1, size: 2 }).is).toBe('absent');
  });
  it('is absent where all came back', () => {
    expect(rule.judge(factsOf(given(leakedConnections, [])))).toMatchObject({ is: 'absent', because: { value: 0 } });
  });
});
