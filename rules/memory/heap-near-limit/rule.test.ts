import { describe, expect, it } from 'vitest';
import { type GcLoad, gcLoad } from '../../../src/facts/gc-load.js';
import { type HeapRoom, heapRoom } from '../../../src/facts/heap-room.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { booked, factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const MB = 1e6;
const full: HeapRoom = {
  proc: 0,
  aliveBytes: 60 * MB,
  oldLimitBytes: 80 * MB,
  usedShare: 0.75,
  fullCollections: 30,
  fullMs: 1500,
  fullShare: 0.8,
};
const load: GcLoad = {
  proc: 0,
  count: 120,
  pauseMs: 1800,
  maxPauseMs: 60,
  p99PauseMs: 55,
  share: 0.18,
  shareOfBusy: 0.5,
  allocatedBytesPerS: -1,
  byKind: [],
  allocator: null,
  allocatorShare: 0,
};
const judge = (room: HeapRoom, gc: GcLoad = { ...load, shareOfBusy: 0.1 }, pausesMs = 40) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(heapRoom, room),
      given(gcLoad, gc),
      given(
        ledgers,
        booked({
          'GET /similar': [
            ['js/gc', pausesMs],
            ['js/own', 60],
          ],
        }),
      ),
    ),
  );

describe('memory/heap-near-limit', () => {
  it('says how full it is, what that costs, and which flag', () => {
    const verdict = judge(full);
    expect(verdict).toMatchObject({ findings: [{ symptom: 'latency', explainedShare: 0.4, route: 'GET /similar' }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.fixes[0]!.code).toBe('node --max-old-space-size=192 server.js');
  });

  it('is present where requests queue for a thread that pauses for long', () => {
    expect(judge(full, load, 5)).toMatchObject({ findings: [{ explainedShare: 0.5 }] });
  });

  it.each<[string, HeapRoom, GcLoad, number]>([
    ['a heap with room', { ...full, usedShare: 0.5 }, load, 40],
    ['a full heap that is seldom collected', { ...full, fullCollections: 2 }, load, 40],
    ['garbage that dies young', { ...full, fullShare: 0.2 }, load, 40],
    ['collections that cost little', full, { ...load, share: 0.05 }, 40],
    ['pauses that no request feels', full, { ...load, shareOfBusy: 0.1 }, 5],
  ])('is absent for %s', (_, room, gc, pausesMs) => {
    expect(judge(room, gc, pausesMs).is).toBe('absent');
  });
});
