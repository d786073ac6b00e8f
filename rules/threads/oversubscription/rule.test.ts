import { describe, expect, it } from 'vitest';
import { type ComputeThreads, computeThreads } from '../../../src/facts/compute-threads.js';
import { type LatencyOf, latency } from '../../../src/facts/latency.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { booked, factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { throttling } from '../../../src/facts/throttling.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const origin = { file: 'src/resize.js', line: 7, function: 'start', source: 'app' as const };
const pressure: ThreadPressure = {
  cores: 2,
  cpuCores: 1.9,
  waitingCores: 9,
  mainWaitShare: 0.6,
  involuntarySwitchesPerS: 900,
  neighbourCores: 0.05,
  stealCores: 0,
  machineBusyShare: 1,
  byKind: [],
};
const many: ComputeThreads = {
  kind: 'worker',
  threads: 16,
  cpuCores: 1.6,
  waitingCores: 9,
  waitShare: 0.85,
  demandCores: 11,
  activeShare: 0.8,
  origin,
};
const slow = booked({
  'POST /resize': [
    ['wait/worker', 800],
    ['cpu/run-queue', 60],
    ['js/own', 5],
  ],
});
const quiet: LatencyOf = {
  count: 100,
  errors: 0,
  unanswered: 0,
  perS: 10,
  p50Ms: 1,
  p90Ms: 1,
  p99Ms: 1,
  p999Ms: 1,
  maxMs: 1,
  statuses: {},
};
const judge = (own: ComputeThreads, ledger = slow, throttledShare = 0) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(threadPressure, pressure),
      given(computeThreads, own),
      given(ledgers, ledger),
      given(latency, { overall: quiet, routes: new Map() }),
      given(throttling, { periods: 100, throttledPeriods: throttledShare * 100, throttledMs: 0, share: throttledShare, quotaCores: null }),
    ),
  );

describe('threads/oversubscription', () => {
  it('names the line that starts the threads', () => {
    expect(judge(many)).toMatchObject({ is: 'present', findings: [{ location: origin, route: 'POST /resize' }] });
  });
  it('is absent for a pool that fits the cores, however busy', () => {
    expect(judge({ ...many, threads: 1, demandCores: 2.1 }).is).toBe('absent');
  });
  it('is absent where a quota keeps the threads waiting', () => {
    expect(judge(many, slow, 0.8).is).toBe('absent');
  });
  it('is absent where no request waits for a core', () => {
    expect(
      judge(
        many,
        booked({
          'GET /': [
            ['wait/timer', 500],
            ['cpu/run-queue', 20],
          ],
        }),
      ).is,
    ).toBe('absent');
  });
});
