import { describe, expect, it } from 'vitest';
import { ledgers } from '../../../src/facts/ledgers.js';
import { booked, factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const crowded: ThreadPressure = {
  cores: 2,
  cpuCores: 0.4,
  waitingCores: 0.6,
  mainWaitShare: 0.55,
  involuntarySwitchesPerS: 300,
  neighbourCores: 1.4,
  stealCores: 0,
  machineBusyShare: 1,
  byKind: [],
};
const judge = (pressure: ThreadPressure, runQueueMs = 30) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(threadPressure, pressure),
      given(
        ledgers,
        booked({
          'GET /': [
            ['cpu/run-queue', runQueueMs],
            ['js/own', 20],
          ],
        }),
      ),
    ),
  );

describe('cpu/noisy-neighbour', () => {
  it('is present where others hold the cores', () => {
    expect(judge(crowded)).toMatchObject({ is: 'present', findings: [{ route: 'GET /' }] });
  });
  it('is absent where the target crowds itself out', () => {
    expect(judge({ ...crowded, cpuCores: 1.8, waitingCores: 6 }).is).toBe('absent');
  });
  it('is absent where neighbours are busy but the main thread gets its core', () => {
    expect(judge({ ...crowded, mainWaitShare: 0.05 })).toMatchObject({ is: 'absent', because: { unit: 'cores' } });
  });
  it('is absent where requests hardly wait', () => {
    expect(judge(crowded, 2).is).toBe('absent');
  });
});
