import { describe, expect, it } from 'vitest';
import type { SourceLocation } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { isLock, lockQueues } from './lock-queues.js';
import { createReader } from './reader.js';

const [ROUTE, HANDOVER, TIMER] = [0, 1, 2];
const at = (file: string, line: number, name: string): SourceLocation => ({ file, line, function: name, source: 'app' });
const sites = [
  { frames: [at('src/lock.js', 4, 'acquire'), at('src/orders.js', 20, 'pay')] },
  { frames: [at('src/bank.js', 2, 'ask'), at('src/orders.js', 22, 'pay'), at('src/server.js', 90, 'handle')] },
];

/** Requests 1, 2, ... arrive every 10 ms; `times[i]`: [let in, by whom (0 = nobody), let go], ms; each waits for a timer meanwhile. */
function passing(times: [inMs: number, by: number, outMs: number][]) {
  const waits: number[][] = [];
  const requests: number[][] = [];
  for (const [i, [inMs, by, outMs]] of times.entries()) {
    const id = i + 1;
    const bornUs = id * 10_000;
    requests.push([0, id, bornUs, outMs * 1000 + 100, ROUTE, 200, 10, 4000 + id, 200, 0]);
    if (by) waits.push([0, id, HANDOVER, 0, -1, bornUs + 50, inMs * 1000 + 21, 0, -1, -1, by]);
    waits.push([0, id, TIMER, 1, TIMER, inMs * 1000 + 110, outMs * 1000, 0]);
  }
  const recording = buildRecording({ strings: ['POST /pay', 'handover', 'timer'], rows: { waits, requests }, documents: { sites } });
  return createReader(recording)(lockQueues);
}

describe('lock queues', () => {
  it('sees a lock that is passed on: who holds it, for how long, who waits', () => {
    const times = Array.from({ length: 20 }, (_, i): [number, number, number] => [40 * i + 20, i, 40 * i + 60]);
    const [queue] = passing(times);
    expect(queue).toMatchObject({ routes: ['POST /pay'], handOffs: 19, inOrderShare: 1, held: { dest: 'timer' } });
    expect(queue!.passedOnShare).toBeCloseTo(18 / 19);
    expect(queue!.holders).toBeCloseTo(1);
    expect(queue!.holdP50Ms).toBeCloseTo(40);
    expect(queue!.maxWaiters).toBeGreaterThan(10);
    expect(isLock(queue!)).toBe(true);
  });

  it('names what is done under the lock where it is taken, and not the lock itself or a client below', () => {
    const times = Array.from({ length: 20 }, (_, i): [number, number, number] => [40 * i + 20, i, 40 * i + 60]);
    expect(passing(times)[0]).toMatchObject({
      takenAt: { file: 'src/lock.js', line: 4 },
      location: { file: 'src/orders.js', line: 22, function: 'pay' },
    });
  });

  it('tells a pool of three from a lock', () => {
    const times = Array.from({ length: 30 }, (_, i): [number, number, number] => [
      i < 3 ? i * 10 + 20 : Math.floor(i / 3) * 90 + (i % 3) * 30,
      i < 3 ? 0 : i - 2,
      Math.floor(i / 3) * 90 + (i % 3) * 30 + 90,
    ]);
    const [queue] = passing(times);
    expect(queue!.holders).toBeGreaterThan(2);
    expect(isLock(queue!)).toBe(false);
  });

  it('takes an answer that many share for no lock', () => {
    // Every fifth loads, the next four wait for its answer: they are let in one right after the other.
    const times = Array.from({ length: 40 }, (_, i): [number, number, number] => {
      const loader = i - (i % 5);
      const doneMs = loader * 10 + 90;
      return i === loader ? [i * 10 + 11, 0, doneMs] : [doneMs + 0.02 * (i % 5), loader + 1, doneMs + 2 + (i % 5)];
    });
    const [queue] = passing(times);
    expect(queue!.passedOnShare).toBe(0);
    expect(isLock(queue!)).toBe(false);
  });
});
