import { describe, expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { openFiles, risesSteadily } from './open-files.js';
import { createReader } from './reader.js';
import { tenSeconds } from './testing.js';

const opens = (site: number, count: number) =>
  Array.from({ length: count }, (_, i) => [0, 1, 1, site, 2, i * 1e5, i * 1e5 + 500, 0, -1, -1]);
const frame = (file: string, line: number, source: 'app' | 'node') => ({ file, line, function: 'f', source });

/** One row each 200 ms, counted anew each second: proc, tUs, rss, pss, fds, threads, sockets, fdLimit. */
function counted(fds: (tS: number) => number, sockets: (tS: number) => number, waits: number[][] = []) {
  const rows = Array.from({ length: 50 }, (_, i) => {
    const tS = Math.floor(i / 5);
    return [0, i * 200_000, 1e7, -1, fds(tS), 11, sockets(tS), 1024];
  });
  const { session } = tenSeconds();
  const site = { frames: [frame('node:fs', 1, 'node'), frame('src/a.js', 4, 'app')] };
  const request = (port: number, startUs: number) => [0, port, startUs, startUs + 1000, 0, 200, 10, port, 500, 0, -1, -1];
  const requests = [request(5001, -1e6), request(5001, 1e6), request(5002, 2e6)];
  const processes = [{ pid: 1, ppid: 0, role: 'target' as const, runtime: 'node', versions: {}, title: '', features: {} }];
  const documents = {
    session,
    processes,
    sites: [site, { frames: [frame('src/b.js', 9, 'app')] }, { frames: [frame('src/c.js', 2, 'app')] }],
    openFiles: [
      { proc: 0, site: 0, count: 40 },
      { proc: 0, site: -1, count: 3 },
    ],
  };
  return createReader(buildRecording({ strings: ['GET /', 'pool/fs', 'fs.open'], rows: { process: rows, requests, waits }, documents }));
}

describe('open files', () => {
  it('counts what rises, who opened it and which clients are new', () => {
    const files = counted(
      (tS) => 20 + 10 * tS,
      () => 7,
    )(openFiles);
    expect(files).toMatchObject({ start: 20, end: 110, socketsGrown: 0, limit: 1024, newConnections: 1 });
    expect(files.openers).toEqual([{ location: frame('src/a.js', 4, 'app'), count: 40 }]);
    expect(risesSteadily(files)).toBe(true);
  });
  it('names who asks for handles where their numbers are not known, if one place fits', () => {
    const openers = (...waits: number[][][]) =>
      counted(
        (tS) => 20 + 10 * tS,
        () => 7,
        waits.flat(),
      )(openFiles).openers;
    expect(openers(opens(1, 48))[0]).toEqual({ location: frame('src/b.js', 9, 'app'), count: 50 });
    expect(openers(opens(1, 48), opens(2, 10))[0]).toMatchObject({ location: { file: 'src/b.js' } });
    expect(openers(opens(1, 48), opens(2, 50))[0]).toMatchObject({ location: { file: 'src/a.js' } });
  });
  it('knows what settled, and what comes and goes', () => {
    const settles = counted(
      (tS) => 20 + 10 * Math.min(3, tS),
      () => -1,
    )(openFiles);
    expect(settles.socketsGrown).toBeNull();
    expect(risesSteadily(settles)).toBe(false);
    const waves = counted(
      (tS) => 20 + 30 * (tS % 3),
      () => 7,
    )(openFiles);
    expect(risesSteadily(waves)).toBe(false);
  });
  it('is not known where a quarter was not counted', () => {
    const get = counted(
      (tS) => (tS < 4 ? -1 : 30),
      () => 7,
    );
    expect(() => get(openFiles)).toThrow(/not counted/);
  });
});
