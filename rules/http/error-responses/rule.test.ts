import { describe, expect, it } from 'vitest';
import { type LatencyOf, latency } from '../../../src/facts/latency.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const route = (count: number, errors: number): LatencyOf => ({
  count,
  errors,
  unanswered: 0,
  perS: count / 10,
  p50Ms: 2,
  p90Ms: 3,
  p99Ms: 5,
  p999Ms: 6,
  maxMs: 7,
  statuses: { 200: count - errors, 500: errors },
});
const judge = (count: number, errors: number) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(latency, { overall: route(count, errors), routes: new Map([['GET /a', route(count, errors)]]) }),
    ),
  );

describe('http/error-responses', () => {
  it('is present where everything fails, and names the route', () => {
    expect(judge(500, 500)).toMatchObject({ is: 'present', findings: [{ symptom: 'errors', route: 'GET /a' }] });
  });
  it('is absent for a stray failure', () => {
    expect(judge(500, 3)).toMatchObject({ is: 'absent', because: { value: 3 / 500 } });
  });
  it('is absent where nothing fails', () => {
    expect(judge(500, 0).is).toBe('absent');
  });
});
