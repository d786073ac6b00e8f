import { describe, expect, it } from 'vitest';
import { backlog } from '../../../src/facts/backlog.js';
import { bufferMaker } from '../../../src/facts/buffer-maker.js';
import { type GrowthSite, heapGrowth } from '../../../src/facts/heap-growth.js';
import { type HeapTrend, heapTrend } from '../../../src/facts/heap-trend.js';
import { requests } from '../../../src/facts/requests.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const MB = 1e6;
const leaking: HeapTrend = {
  proc: 0,
  floor: [],
  startBytes: 20 * MB,
  endBytes: 21 * MB,
  growthBytes: 1 * MB,
  externalGrowthBytes: 60 * MB,
  externalLateShare: 0.33,
  spanS: 10,
  lateShare: 0.5,
  limitBytes: 4000 * MB,
};
const location = { file: 'src/tiles.js', line: 12, function: 'renderTile', source: 'app' as const };
const site: GrowthSite = {
  location,
  allocatedIn: { ...location, line: 4, function: 'drawTile' },
  container: 'tiles',
  keeper: 'map',
  bytes: 58 * MB,
  share: 0.98,
  quarters: [14 * MB, 15 * MB, 14 * MB, 15 * MB],
  evictedAt: null,
  boundAt: null,
};
const judge = (trend: HeapTrend, sites: GrowthSite[] = [site], queued = 0) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(heapTrend, trend),
      given(backlog, { atStart: 1, atEnd: 1 + queued, grown: queued, oldestShare: 0.5 }),
      given(requests, []),
      given(heapGrowth, { sites, totalBytes: 60 * MB, quarters: null }),
      given(bufferMaker, { location: { ...location, line: 30 }, container: 'history' }),
    ),
  );

describe('memory/buffer-leak', () => {
  it('names the line that keeps what another one makes', () => {
    const verdict = judge(leaking);
    expect(verdict).toMatchObject({ findings: [{ location, symptom: 'memory' }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.fixes[0]!.says).toContain('`tiles`');
  });

  it('sees less than that where one place keeps adding to it', () => {
    expect(judge({ ...leaking, externalGrowthBytes: 4 * MB }).is).toBe('present');
  });

  it('sees what stays between buffers that come and go', () => {
    expect(judge({ ...leaking, externalGrowthBytes: 0 }).is).toBe('present');
  });

  it('falls back to who makes typed arrays where little of the growth was sampled', () => {
    expect(judge(leaking, [{ ...site, bytes: 1 * MB }])).toMatchObject({ findings: [{ location: { line: 30 } }] });
  });

  it.each<[string, HeapTrend, GrowthSite[], number]>([
    ['little growth', { ...leaking, externalGrowthBytes: 7 * MB }, [], 0],
    ['very little, however steady', { ...leaking, externalGrowthBytes: 1.5 * MB }, [{ ...site, bytes: 2.5 * MB }], 0],
    ['what grows steadily in the heap', { ...leaking, externalGrowthBytes: 0, growthBytes: 52 * MB }, [site], 0],
    ['growth that is in the heap', { ...leaking, growthBytes: 61 * MB }, [site], 0],
    ['what filled up', { ...leaking, externalLateShare: 0.02 }, [{ ...site, quarters: null }], 0],
    ['bodies of waiting requests', leaking, [site], 80],
    ['a ring that replaces', leaking, [{ ...site, quarters: [0, 0, 20 * MB, 38 * MB] }], 0],
    ['a container made with a bound', leaking, [{ ...site, boundAt: location }], 0],
  ])('is absent for %s', (_, trend, sites, queued) => {
    expect(judge(trend, sites, queued).is).toBe('absent');
  });

  it('leaves open what a time to live may still bound', () => {
    expect(judge(leaking, [{ ...site, evictedAt: { ...location, mostEntries: null } }]).is).toBe('inconclusive');
  });
});
