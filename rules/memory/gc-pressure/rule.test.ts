import { describe, expect, it } from 'vitest';
import { type GcLoad, gcLoad } from '../../../src/facts/gc-load.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { booked, factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import type { BucketLedger } from '../../../src/model/ledger.js';
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
  it('is seen in the slow requests also where the slowest ones queued for other reasons besides', () => {
    const ledger = booked({});
    const bucket = (name: 'p50' | 'p90' | 'p99', gcMs: number, ownMs: number): BucketLedger => ({
      bucket: name,
      requests: 30,
      measuredUs: (gcMs + ownMs) * 1000,
      entries: [
        { account: 'js/gc', us: gcMs * 1000 },
        { account: 'js/own', us: ownMs * 1000 },
      ],
      estimatedUs: 0,
    });
    const felt = (p90GcMs: number) => {
      const routes = new Map([['GET /feed', [bucket('p50', 0.1, 6), bucket('p90', p90GcMs, 11), bucket('p99', 10, 63)]]]);
      return rule.judge(factsOf(given(window, tenSeconds()), given(gcLoad, heavy), given(ledgers, { ...ledger, routes })));
    };
    expect(felt(6)).toMatchObject({ is: 'present', findings: [{ explainedShare: 6 / 17 }] });
    expect(felt(1).is).toBe('absent');
  });
  it('is absent where requests do not feel it', () => {
    expect(judge(heavy, 0.5).is).toBe('absent');
  });
});
