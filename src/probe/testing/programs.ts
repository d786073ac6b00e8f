import type { ProbeConfig } from '../../model/wire.js';
import { startTarget } from './target.js';

export interface ProgramRun {
  seed: number;
  kinds: string[];
  result: unknown;
  log: string[];
}

const AT_ONCE = 50;

/**
 * Runs the random programs `from`, `from` + 1, ... in a server with the probe at this depth, or `none`. With `switching` the probe takes
 * its hooks off and puts them on again all the while.
 */
export async function runPrograms(
  depth: ProbeConfig['depth'] | 'none',
  { from, count, switching = false }: { from: number; count: number; switching?: boolean },
): Promise<ProgramRun[]> {
  const target = await startTarget('programs.mjs', { depth });
  try {
    const session = depth === 'none' ? null : await target.session();
    const runs: ProgramRun[] = [];
    for (let next = from; next < from + count; next += AT_ONCE) {
      if (switching) session?.send({ t: 'compare', forMs: 5000 });
      const size = Math.min(AT_ONCE, from + count - next);
      runs.push(...(JSON.parse(await target.get(`/run?from=${next}&count=${size}`)) as ProgramRun[]));
    }
    return runs;
  } finally {
    await target.stop();
  }
}
