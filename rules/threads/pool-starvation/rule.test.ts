import { describe, expect, it } from 'vitest';
import { ledgers } from '../../../src/facts/ledgers.js';
import { type PoolQueue, poolQueue } from '../../../src/facts/pool-queue.js';
import { booked, factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/login.js', line: 22, function: 'verify', source: 'app' as const };
const starved: PoolQueue = {
  threads: 4,
  probeP50Ms: 180,
  probeP90Ms: 300,
  probes: 80,
  tasks: 600,
  meanInFlight: 11,
  queuedP90Ms: 250,
  utilisation: 0.97,
  unseen: null,
  users: [{ dest: 'pbkdf2', tasks: 400, workMs: 30_000, shareOfWork: 0.95, medianWorkMs: 80, location }],
};
const slow = booked({
  'GET /avatar': [
    ['pool/wait', 240, 'readFile'],
    ['pool/work', 2],
    ['js/own', 1],
  ],
});
const pressure = (cpuCores: number, waitingCores: number) =>
  given(threadPressure, {
    cores: 2,
    cpuCores,
    waitingCores,
    mainWaitShare: 0.1,
    involuntarySwitchesPerS: 10,
    neighbourCores: 0,
    stealCores: 0,
    machineBusyShare: 0.9,
    byKind: [],
  });
const judge = (pool: PoolQueue, ledger = slow, threads = pressure(1.9, 2.2)) =>
  rule.judge(factsOf(given(window, tenSeconds()), given(poolQueue, pool), given(ledgers, ledger), threads));

describe('threads/pool-starvation', () => {
  it('does not blame a few file operations for what nobody saw, and names the code of the route that waits for it', () => {
    const stat = { dest: 'fs.stat', tasks: 60, workMs: 180, shareOfWork: 1, medianWorkMs: 3, location: { ...location, file: 'send.js' } };
    const verdict = judge({ ...starved, utilisation: 0, users: [stat], unseen: { route: 'POST /register', location } });
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location, summary: expect.stringContaining('native add-ons') }] });
  });

  it('names the call that fills the pool, not the one that waits', () => {
    expect(judge(starved)).toMatchObject({ is: 'present', findings: [{ location, route: 'GET /avatar' }] });
  });
  it('is absent where a trivial task is served at once', () => {
    expect(judge({ ...starved, probeP90Ms: 2, probeP50Ms: 0.3 })).toMatchObject({ is: 'absent', because: { value: 2, unit: 'ms' } });
  });
  it('is absent where the pool threads wait for cores', () => {
    expect(judge({ ...starved, meanInFlight: 0.6 }, slow, pressure(1.9, 12)).is).toBe('absent');
  });
  it('is absent where no request waits for the pool', () => {
    expect(
      judge(
        starved,
        booked({
          'GET /': [
            ['pool/wait', 8],
            ['http/response', 90],
          ],
        }),
      ).is,
    ).toBe('absent');
  });
});
