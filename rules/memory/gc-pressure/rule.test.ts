import { describe, expect, it } from 'vitest';
import { type GcLoad, gcLoad } from '../../../src/facts/gc-load.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { booked, factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/feed.js', line: 31, function: 'expand', source: 'app' as const };
const heavy: GcLoad = {
  proc: 0,
  count: 400,
  pauseMs: 2500,
  maxPauseMs: 30,
  p99PauseMs: 22,
  share: 0.25,
  shareOfBusy: 0.4,
  allocatedBytesPerS: 600e6,
  byKind: [{ kind: 'scavenge', count: 380, ms: 2200 }],
  allocator: location,
  allocatorShare: 0.8,
};
const judge = (load: GcLoad, gcMs: number) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(gcLoad, load),
      given(
        ledgers,
        booked({
          'GET /feed': [
            ['js/gc', gcMs],
            ['js/own', 20],
          ],
        }),
      ),
    ),
  );

describe('memory/gc-pressure', () => {
  it('names the function that allocates', () => {
    expect(judge(heavy, 15)).toMatchObject({ is: 'present', findings: [{ location, route: 'GET /feed' }] });
  });
  it('is absent where the collector takes what healthy services give it', () => {
    expect(judge({ ...heavy, share: 0.04, shareOfBusy: 0.1 }, 15)).toMatchObject({ is: 'absent', because: { value: 0.04 } });
  });
  it('is absent where the busy share is high only because nothing else runs', () => {
    expect(judge({ ...heavy, share: 0.01, shareOfBusy: 0.5 }, 15).is).toBe('absent');
  });
  it('is absent where requests do not feel it', () => {
    expect(judge(heavy, 0.5).is).toBe('absent');
  });
});
