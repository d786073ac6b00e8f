import { expect, it } from 'vitest';
import { buildRecording } from '../recording/memory.js';
import { buildLedgerContext } from './context.js';
import { joinPopulation } from './population.js';
import { bookRequest } from './request.js';

it.each(['child', 'worker'])('what lies before the first sign of life of a %s is waiting for it', (kind) => {
  const recording = buildRecording({
    strings: ['GET /a', kind],
    rows: {
      requests: [[0, 1, 1000, 61_000, 0, 200, 10, 4001, 0, 0]],
      turns: [
        [0, 1000, 1000, 1],
        // Its first output, or that its thread is up.
        [0, 50_000, 100, 1],
        [0, 60_000, 1000, 1],
      ],
      waits: [[0, 1, 1, -1, -1, 1900, 60_100, 0]],
    },
  });
  const { entries } = bookRequest(buildLedgerContext(recording), joinPopulation(recording, 0, 1e12)[0]!);
  expect(entries).toContainEqual({ account: `wait/${kind}`, us: 57_900 });
  expect(entries.find(({ account }) => account === 'unattributed')).toBeUndefined();
});
