import { describe, expect, it } from 'vitest';
import { WaitFlag } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { openedConnections } from './opened-connections.js';
import { createReader } from './reader.js';

const STRINGS = ['http', 'https://tax:443', 'GET /price', 'net/connect', 'net/tls'];
const sites = [{ frames: [{ file: 'src/tax.js', line: 9, function: 'tax', source: 'app' as const }] }];
const off = {
  file: 'src/tax.js',
  firstLine: 1,
  lines: ["import https from 'node:https';", '', 'const agent = new https.Agent({ keepAlive: false });'],
};

/** Fifty calls of 10 ms, one a request; of every `each` one opens a connection in 1 + 3 ms. */
function seen(each: number, sources = [off]) {
  const requests: number[][] = [];
  const turns: number[][] = [];
  const waits: number[][] = [];
  const phases: number[][] = [];
  for (let id = 1; id <= 50; id++) {
    const us = id * 100_000;
    const opens = id % each === 0;
    requests.push([0, id, us, us + 11_000, 2, 200, 10, 4000 + id, 500, 0]);
    turns.push([0, us, 400, id]);
    waits.push([0, id, 0, 0, 1, us + 400, us + 10_400, opens ? WaitFlag.opened : 0]);
    if (opens) phases.push([0, id, us + 400, 3, us + 400, us + 1400], [0, id, us + 400, 4, us + 1400, us + 4400]);
  }
  return createReader(buildRecording({ strings: STRINGS, rows: { requests, turns, waits, phases }, documents: { sites, sources } }))(
    openedConnections,
  );
}

/** Fifty requests that ask a cache; `each` says how many of them apart a request connects for it, at line 3 of its own. */
function asked(each: number) {
  const strings = ['cache/connect', 'cache/execute', 'redis://cache:6379/0', 'GET /visits', 'redis://cache:6379/0 INCR'];
  const line = (at: number) => ({ frames: [{ file: 'src/visits.js', line: at, function: 'visits', source: 'app' as const }] });
  const ids = Array.from({ length: 50 }, (_, i) => i + 1);
  const requests = ids.map((id) => [0, id, id * 1e5, id * 1e5 + 9_000, 3, 200, 10, 4000 + id, 500, 0]);
  const turns = ids.map((id) => [0, id * 1e5, 400, id]);
  const waits = ids.flatMap((id) => [
    ...(id % each === 0 ? [[0, id, 0, 0, 2, id * 1e5 + 400, id * 1e5 + 4_400, 0]] : []),
    [0, id, 1, 1, 4, id * 1e5 + 4_400, id * 1e5 + 8_400, 0],
  ]);
  return createReader(buildRecording({ strings, rows: { requests, turns, waits }, documents: { sites: [line(3), line(4)] } }))(
    openedConnections,
  );
}

describe('connections that drivers open', () => {
  it('are told of requests that make a client of their own', () => {
    const [redis] = asked(1);
    expect(redis).toMatchObject({ dest: 'redis://cache:6379/0', calls: 50, openedShare: 1, openingP50Ms: 4, callP50Ms: 8 });
    expect(redis!.location).toMatchObject({ line: 3 });
    expect(redis!.openedPerS).toBeCloseTo(5);
  });
  it('are few of a pool, and none of a client that stands', () => {
    expect(asked(25)[0]).toMatchObject({ openedShare: 0.04 });
    expect(asked(100)).toEqual([]);
  });
});

describe('connections that calls open', () => {
  it('tells how many calls open one, how long that takes, and the line that switches keeping off', () => {
    const [tax] = seen(1);
    expect(tax).toMatchObject({ dest: 'https://tax:443', calls: 50, openedShare: 1, openingP50Ms: 4, tlsP50Ms: 3, callP50Ms: 10 });
    expect(tax!.openedPerS).toBeCloseTo(5);
    expect(tax!.location).toMatchObject({ file: 'src/tax.js', line: 3 });
  });
  it('names the call where no line switches it off, or several do', () => {
    expect(seen(5, [])[0]).toMatchObject({ openedShare: 0.2, location: { line: 9 } });
    expect(seen(5, [{ ...off, lines: [...off.lines, ...off.lines] }])[0]!.location).toMatchObject({ line: 9 });
  });
});
