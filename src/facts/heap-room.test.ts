import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { heapRoom } from './heap-room.js';
import { createReader } from './reader.js';
import { tenSeconds } from './testing.js';

const MIB = 2 ** 20;
const STRINGS = ['scavenge', 'mark-sweep', 'forced'];
const { session } = tenSeconds();
const processOf = (node: string) => ({
  pid: 1,
  ppid: 0,
  role: 'target' as const,
  runtime: 'node',
  versions: { node },
  title: '',
  features: {},
});

function room(node: string, limitMib: number, moments = [1, 3, 5, 7, 9]) {
  const full = (tS: number, aliveMib: number) => [0, tS * 1e6, 50_000, 1, -1, aliveMib * MIB];
  const gc = [...moments.map((tS) => full(tS, 60 + tS)), [0, 2e6, 10_000, 0, -1, 90 * MIB], [0, 8e6, 1e6, 2, -1, 10 * MIB]];
  const heap = [[0, 1e6, 70 * MIB, 80 * MIB, limitMib * MIB, 0, 0, 0]];
  return createReader(buildRecording({ strings: STRINGS, rows: { gc, heap }, documents: { session, processes: [processOf(node)] } }))(
    heapRoom,
  );
}

describe('heap room', () => {
  it('compares what survives with what old objects may take, by the version of V8', () => {
    expect(room('20.20.2', 128)).toMatchObject({ aliveBytes: 65 * MIB, oldLimitBytes: 80 * MIB, fullCollections: 5, fullMs: 250 });
    expect(room('24.1.0', 272).oldLimitBytes).toBe(80 * MIB);
    expect(room('26.0.0', 176).oldLimitBytes).toBe(80 * MIB);
  });
  it('goes by a collection that was made to look where V8 made none', () => {
    expect(room('20.20.2', 128, [])).toMatchObject({ aliveBytes: 10 * MIB, fullCollections: 0 });
  });
  it('leaves out collections that were made to look', () => {
    expect(room('20.20.2', 128).fullShare).toBeCloseTo(250 / 260);
  });
});
