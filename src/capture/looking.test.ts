import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Documents } from '../model/recording.js';
import { startLooking } from './looking.js';
import { registerProcesses } from './register.js';

describe('looks, again and again', () => {
  it('come until told to stop, which waits for the one under way', async () => {
    let begun = 0;
    let ended = 0;
    const looking = startLooking(0, 5, async () => {
      begun++;
      await delay(20);
      ended++;
      return 0;
    });
    while (begun < 3) await delay(5);
    await looking.stop();
    expect(ended).toBe(begun);
    const before = begun;
    await delay(50);
    expect(begun).toBe(before);
  });

  it('take a tenth of the time at most', async () => {
    const beganMs: number[] = [];
    const looking = startLooking(0, 1, async () => {
      beganMs.push(performance.now());
      return 20;
    });
    await delay(900);
    await looking.stop();
    // 200 ms apart, 5 at the most; without the bound it would be hundreds.
    expect(beganMs.length).toBeLessThan(10);
  });

  it('one that throws ends them', async () => {
    const looking = startLooking(0, 1, () => Promise.reject(new Error('a bug')));
    await expect(looking.broken).rejects.toThrow('a bug');
    await expect(looking.stop()).rejects.toThrow('a bug');
  });
});

describe('indices of processes', () => {
  it('those of children that are gone for long are given to others; those of targets never', () => {
    const documents: Documents = { processes: [], sites: [], profiles: [], heapProfiles: [], sources: [], spawns: [] };
    let nowUs = 0;
    const procOf = registerProcesses(documents, () => nowUs, 100);
    expect([procOf(1), procOf(2), procOf(3), procOf(2)]).toEqual([0, 1, 2, 1]);
    documents.processes[0]!.role = 'target';
    nowUs = 150;
    procOf(3);
    nowUs = 200;
    expect([procOf(9), procOf(10), procOf(3), procOf(1)]).toEqual([1, 3, 2, 0]);
    expect(documents.processes.map(({ pid }) => pid)).toEqual([1, 9, 3, 10]);
    // It came back, as somebody else.
    expect(procOf(2)).toBe(4);
  });
});
