import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { niceness } from './niceness.js';
import { createReader } from './reader.js';
import { tenSeconds } from './testing.js';

const { session } = tenSeconds();
const server = { pid: 1, ppid: 0, role: 'target' as const, runtime: 'node', versions: {}, title: '', features: {} };

describe('niceness', () => {
  const row = (tS: number, nice: number) => [0, tS * 1e6, 1e7, -1, 20, 11, 3, 1024, nice];
  const source = { file: 'a.js', firstLine: 5, lines: ["import { setPriority } from 'node:os';", 'setPriority(15);'] };
  const read = (levels: number[], sources = [source]) =>
    createReader(
      buildRecording({ rows: { process: levels.map((nice, i) => row(i, nice)) }, documents: { session, processes: [server], sources } }),
    )(niceness);
  it('is the median of the window, with the line that sets it', () => {
    expect(read([0, 15, 15, 15])).toMatchObject({ nice: 15, setAt: { file: 'a.js', line: 6 } });
    expect(read([15, 15, 15], []).setAt).toBeNull();
    expect(read([0, 0, 0])).toMatchObject({ nice: 0, weight: 1, setAt: null });
  });
  it('is not known of recordings that lack it', () => {
    expect(() => read([-1, -1])).toThrow(/priority/);
  });
});
