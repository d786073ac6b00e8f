import { describe, expect, it } from 'vitest';
import { type Backlog, backlogs } from '../../../src/facts/backlogs.js';
import { type LatencyOf, latency } from '../../../src/facts/latency.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const consumer = { file: 'src/queue.js', line: 17, function: 'worker', source: 'app' as const };
const enqueuedAt = { file: 'src/labels.js', line: 4, function: 'makeLabel', source: 'app' as const };
const backlog: Backlog = {
  route: 'POST /label',
  jobs: 160,
  quartersMs: [900, 1500, 2200, 3000],
  waitP50Ms: 1800,
  inOrderShare: 1,
  arrivalsPerS: 32,
  donePerS: 20,
  worked: { dest: 'http://printer', ms: 50 },
  consumer,
  enqueuedAt,
};
const crowded = { cores: 2, mainWaitShare: 0.6, neighbourCores: 1.5 } as ThreadPressure;
const judge = (change: Partial<Backlog> | null, p50Ms = 1900, pressure?: ThreadPressure) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(backlogs, change ? [{ ...backlog, ...change }] : []),
      given(latency, { overall: { p50Ms } as LatencyOf, routes: new Map([['POST /label', { p50Ms } as LatencyOf]]) }),
      ...(pressure ? [given(threadPressure, pressure)] : []),
    ),
  );

describe('concurrency/unbounded-backlog', () => {
  it('names the worker, what comes and what is done, and where requests wait', () => {
    const verdict = judge({});
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location: consumer, route: 'POST /label' }] });
    expect(JSON.stringify(verdict)).toContain('src/labels.js:4');
    expect(JSON.stringify(verdict)).toContain('900, 1500, 2200, 3000 ms');
  });

  it('names where requests wait, where the worker asks nobody', () => {
    expect(judge({ worked: null, consumer: null })).toMatchObject({ is: 'present', findings: [{ location: enqueuedAt }] });
  });

  it.each<[string, Partial<Backlog>]>([
    ['a queue that is as long as it was', { quartersMs: [2000, 2100, 2050, 2200] }],
    ['one that grows by little', { quartersMs: [20, 40, 60, 90] }],
    ['one that grew and empties', { quartersMs: [900, 3000, 2200, 1500] }],
    ['as many done as came', { donePerS: 31 }],
    ['waits that end in any order', { inOrderShare: 0.55 }],
  ])('is absent for %s', (_, change) => {
    expect(judge(change).is).toBe('absent');
  });

  it('is absent where requests spend their time otherwise, and where nobody waits so', () => {
    expect(judge({}, 9000).is).toBe('absent');
    expect(judge(null)).toMatchObject({ is: 'absent', because: { value: 0 } });
  });

  it('leaves it open where others take the cores and nothing tells what the workers wait for', () => {
    expect(judge({ worked: null, consumer: null }, 1900, crowded).is).toBe('inconclusive');
    expect(judge({}, 1900, crowded).is).toBe('present');
  });
});
