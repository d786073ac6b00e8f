import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { niceness } from './niceness.js';
import { createReader } from './reader.js';
import { tenSeconds } from './testing.js';

const { session } = tenSeconds();
const server = { pid: 1, ppid: 0, role: 'target' as const, runtime: 'node', versions: {}, title: '', features: {} };

describe('niceness', () => {
  const row = (tS: number, nice: number) => [0, tS * 1e6, 1e7, -1, 20, 11, 3, 1024, nice];
  const site = { frames: [{ file: 'a.js', line: 6, function: 'start', source: 'app' as const }] };
  const read = (levels: number[], priorities = [{ proc: 0, site: 0 }]) =>
    createReader(
      buildRecording({
        rows: { process: levels.map((nice, i) => row(i, nice)) },
        documents: { session, processes: [server], sites: [site], priorities },
      }),
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
