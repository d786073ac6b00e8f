import { describe, expect, it } from 'vitest';
import type { SpawnDocument } from '../model/recording.js';
import { buildRecording } from '../recording/memory.js';
import { createReader } from './reader.js';
import { spawnRates } from './spawn-rate.js';

const begun = (tUs: number, owner: number, site: number, readyUs?: number): SpawnDocument => ({
  proc: 0,
  kind: 'worker',
  tUs,
  endUs: tUs + 80_000,
  name: 'worker',
  site,
  owner,
  ...(readyUs === undefined ? {} : { readyUs }),
});

describe('threads and processes by request', () => {
  const recording = buildRecording({
    strings: ['GET /a', 'GET /b'],
    rows: {
      turns: [[0, 1e6, 1000, 1]],
      requests: Array.from({ length: 10 }, (_, i) => [0, i + 1, i * 1e5, i * 1e5 + 9e4, i < 4 ? 0 : 1, 200, 1, 4000, 0, 0]),
    },
    documents: {
      sites: [
        { frames: [{ file: 'pool.js', line: 3, function: 'run', source: 'app' }] },
        { frames: [{ file: 'node_modules/tsx/x.js', line: 1, function: 'load', source: 'dependency' }] },
      ],
      // One whose owner was not known, because the ledger was not kept then, counts too; a loader's does not.
      spawns: [begun(1000, 1, 0, 41_000), begun(2e5, 2, 0, 2.5e5), begun(3e5, 3, 0, 3.6e5), begun(4e5, 0, 0), begun(5e5, 5, 1)],
    },
  });

  it('are counted for the routes that begin them, with how long they live and take to start', () => {
    expect(createReader(recording)(spawnRates)).toMatchObject([
      { kind: 'worker', location: { line: 3 }, count: 4, perRequest: 1, routes: ['GET /a'], medianLifeMs: 80, medianStartMs: 50 },
    ]);
  });
});
