import { describe, expect, it } from 'vitest';
import { backlog } from '../../../src/facts/backlog.js';
import { type GrowthSite, heapGrowth } from '../../../src/facts/heap-growth.js';
import { type HeapTrend, heapTrend } from '../../../src/facts/heap-trend.js';
import { requests } from '../../../src/facts/requests.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const MB = 1e6;
const leaking: HeapTrend = {
  proc: 0,
  floor: [0, 4, 10].map((tS) => [tS, (20 + 5 * tS) * MB]),
  startBytes: 20 * MB,
  endBytes: 70 * MB,
  growthBytes: 50 * MB,
  externalGrowthBytes: 0,
  externalLateShare: 0,
  spanS: 10,
  lateShare: 0.5,
  limitBytes: 4000 * MB,
};
const location = { file: 'src/sessions.js', line: 9, function: 'remember', source: 'app' as const };
const site: GrowthSite = {
  location,
  allocatedIn: location,
  container: 'sessions',
  keeper: 'map',
  bytes: 45 * MB,
  share: 0.9,
  quarters: null,
  evictedAt: null,
  boundAt: null,
};
const judge = (trend: HeapTrend, sites: GrowthSite[] = [site], queued = 0, count = 0) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(heapTrend, trend),
      given(backlog, { atStart: 1, atEnd: 1 + queued, grown: queued, oldestShare: 0.5 }),
      given(
        requests,
        Array.from({ length: count }, () => ({}) as never),
      ),
      given(heapGrowth, { sites, totalBytes: 50 * MB, quarters: sites[0]?.quarters ?? null }),
    ),
  );

describe('memory/heap-leak', () => {
  it('names what grows and where', () => {
    const verdict = judge(leaking);
    expect(verdict.is === 'present' && verdict.findings[0]).toMatchObject({ location, symptom: 'memory', explainedShare: 0.9 });
    expect(verdict.is === 'present' && verdict.findings[0]!.summary).toContain('sessions');
  });

  it('is present without a place where allocation was not sampled', () => {
    const verdict = rule.judge(
      factsOf(
        given(window, tenSeconds()),
        given(heapTrend, leaking),
        given(backlog, { atStart: 1, atEnd: 1, grown: 0, oldestShare: 0 }),
        given(requests, []),
      ),
    );
    expect(verdict.is === 'present' && verdict.findings[0]!.location).toBeUndefined();
  });

  it.each([
    ['a big heap that stays', { ...leaking, startBytes: 400 * MB, endBytes: 404 * MB, growthBytes: 4 * MB }],
    ['a cache that filled early', { ...leaking, lateShare: 0.1 }],
    ['growth small against what was alive', { ...leaking, startBytes: 500 * MB, endBytes: 520 * MB, growthBytes: 20 * MB }],
  ])('is absent for %s', (_, trend) => {
    expect(judge(trend as HeapTrend).is).toBe('absent');
  });

  it('is absent where requests that wait hold the memory', () => {
    expect(judge(leaking, [site], 130)).toMatchObject({ is: 'absent', because: { says: expect.stringContaining('131 requests') } });
  });

  it('sees a small leak where one place keeps adding, and no leak where nothing is left from early on', () => {
    const small = { ...leaking, endBytes: 24 * MB, growthBytes: 4 * MB, lateShare: 0 };
    const timed = (...quarters: number[]) => [{ ...site, bytes: 4 * MB, quarters: quarters.map((part) => part * MB) }];
    expect(judge(small, timed(1, 1, 0.9, 1.1)).is).toBe('present');
    expect(judge(small, timed(3, 1, 0, 0)).is).toBe('absent');
    expect(judge({ ...leaking, lateShare: 0.5 }, timed(0, 0, 2, 20)).is).toBe('absent');
  });

  it('sees what many small places add together', () => {
    const quarter = [0.3 * MB, 0.3 * MB, 0.3 * MB, 0.3 * MB];
    const sites = Array.from({ length: 40 }, () => ({ ...site, bytes: 1.2 * MB, quarters: quarter }));
    const all = { sites, totalBytes: 48 * MB, quarters: quarter.map((bytes) => 40 * bytes) };
    const facts = [
      given(window, tenSeconds()),
      given(backlog, { atStart: 1, atEnd: 1, grown: 0, oldestShare: 0 }),
      given(requests, []),
    ] as const;
    const verdict = rule.judge(factsOf(...facts, given(heapTrend, { ...leaking, lateShare: 0.1 }), given(heapGrowth, all)));
    expect(verdict.is).toBe('present');
  });

  it('sees a steady leak behind a queue that is younger than it', () => {
    const steady = [{ ...site, quarters: [10 * MB, 11 * MB, 10 * MB, 12 * MB] }];
    expect(judge(leaking, steady, 130).is).toBe('present');
  });

  it('leaves open what a time to live may still bound', () => {
    const bounded = { ...site, quarters: [10 * MB, 11 * MB, 10 * MB, 12 * MB], evictedAt: { ...location, line: 20, mostEntries: null } };
    expect(judge(leaking, [bounded])).toMatchObject({ is: 'inconclusive', because: { says: expect.stringContaining('sessions.js:20') } });
  });

  it('names a container that is not held to its number of entries', () => {
    const held = (mostEntries: number) =>
      judge(
        leaking,
        [{ ...site, quarters: [10 * MB, 11 * MB, 10 * MB, 12 * MB], evictedAt: { ...location, line: 20, mostEntries } }],
        0,
        500,
      );
    expect(held(100_000).is).toBe('inconclusive');
    const verdict = held(10);
    expect(verdict.is === 'present' && verdict.findings[0]!.summary).toContain('is not held to the 10 entries of');
  });

  it('is absent where what grows is made with a bound', () => {
    expect(judge(leaking, [{ ...site, boundAt: { ...location, line: 2 } }])).toMatchObject({ is: 'absent' });
  });

  it('does not decide within a few seconds', () => {
    const short = { ...tenSeconds(), durationUs: 3_000_000 };
    const verdict = rule.judge(
      factsOf(
        given(window, short),
        given(heapTrend, leaking),
        given(backlog, { atStart: 1, atEnd: 1, grown: 0, oldestShare: 0 }),
        given(requests, []),
      ),
    );
    expect(verdict.is).toBe('inconclusive');
  });

  it('is absent where buffers outside the heap are most of what grows', () => {
    expect(judge({ ...leaking, externalGrowthBytes: 60 * MB, externalLateShare: 0.3 })).toMatchObject({
      is: 'absent',
      because: { says: expect.stringContaining('buffers outside of it') },
    });
  });

  it.each([
    ['map', 'sessions', 'growing-map', 'sessions is only ever added to'],
    ['listeners', 'bus', 'listeners', 'bus is given listeners in'],
    ['timers', null, 'timers', 'timers begun in'],
    ['promises', null, 'promises', 'does not settle'],
  ] as const)('tells leaks by %s apart', (keeper, container, kind, says) => {
    const verdict = judge(leaking, [{ ...site, keeper, container }]);
    expect(verdict).toMatchObject({ findings: [{ kind, summary: expect.stringContaining(says) }] });
  });
});
