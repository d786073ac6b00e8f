import { describe, expect, it } from 'vitest';
import { runPrograms } from './testing/programs.js';

const SEEDS = { from: 1, count: 300 };
const LIMIT_MS = 60_000;

describe('random asynchronous programs', () => {
  it.each([
    ['standard', true],
    ['deep', false],
    ['light', false],
  ] as const)(
    'do the same in the same order at depth %s (hooks switched off and on meanwhile: %s)',
    async (depth, switching) => {
      const bare = await runPrograms('none', SEEDS);
      const probed = await runPrograms(depth, { ...SEEDS, switching });
      expect(bare).toHaveLength(SEEDS.count);
      for (const [i, run] of bare.entries()) expect(probed[i]).toEqual(run);
      // The programs are worth running: nearly all of them leave a trace, and every kind of statement occurs.
      expect(bare.filter(({ log }) => log.length > 0).length).toBeGreaterThan(SEEDS.count * 0.9);
      expect(new Set(bare.flatMap(({ kinds }) => kinds)).size).toBeGreaterThan(30);
    },
    LIMIT_MS,
  );
});
