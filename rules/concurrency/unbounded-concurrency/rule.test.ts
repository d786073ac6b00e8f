import { describe, expect, it } from 'vitest';
import { type Flood, floods } from '../../../src/facts/floods.js';
import { type LatencyOf, latency } from '../../../src/facts/latency.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/export.js', line: 8, function: 'exportAll', source: 'app' as const };
const flood: Flood = {
  dest: 'http://stock',
  route: 'GET /export',
  requests: 12,
  atOnce: 200,
  spanMs: 180,
  callMs: 95,
  freeMs: 8,
  alone: 0,
  others: { duringMs: 80, elseMs: 9 },
  location,
};
const crowded = { cores: 2, mainWaitShare: 0.6, neighbourCores: 1.5 } as ThreadPressure;
const judge = (change: Partial<Flood> | null, p50Ms = 200, pressure?: ThreadPressure) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(floods, change ? [{ ...flood, ...change }] : []),
      given(latency, { overall: { p50Ms } as LatencyOf, routes: new Map([['GET /export', { p50Ms } as LatencyOf]]) }),
      ...(pressure ? [given(threadPressure, pressure)] : []),
    ),
  );

describe('concurrency/unbounded-concurrency', () => {
  it('names the line, how many, and who else waits', () => {
    const verdict = judge({});
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location, route: 'GET /export' }] });
    expect(JSON.stringify(verdict)).toContain('for everybody else as well');
  });
  it.each<[string, Partial<Flood>]>([
    ['a few at once', { atOnce: 24 }],
    ['calls that the other side keeps up with', { callMs: 14 }],
    ['a short burst', { spanMs: 60 }],
    ['something done once', { requests: 1 }],
  ])('is absent for %s', (_, change) => {
    expect(judge(change).is).toBe('absent');
  });
  it('is absent where the route spends its time otherwise, and where nobody does it', () => {
    expect(judge({}, 900).is).toBe('absent');
    expect(judge(null)).toMatchObject({ is: 'absent', because: { value: 0 } });
  });
  it('leaves it open where others take the cores, unless the same calls show the difference', () => {
    expect(judge({ others: null }, 200, crowded).is).toBe('inconclusive');
    expect(judge({}, 200, crowded).is).toBe('present');
    expect(judge({ others: null, alone: 6 }, 200, crowded).is).toBe('present');
  });
});
