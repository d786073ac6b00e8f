import type { Framework } from '../../src/lab/kit/frameworks.js';
import type { RouteName } from './routes.js';

/** One server under one load: what is asked of it, how busy its loop is meant to be, and what surrounds it. */
export interface Cell {
  name: string;
  framework: Framework;
  routes: readonly RouteName[];
  /** Share of the main thread that the requests are to take, 0..1; the rate follows from what a request was measured to cost. */
  busy: number;
  quotaCores?: number;
  neighbours?: number;
  /** Instead of our load, clients that stop reading for a while. */
  slowReaders?: number;
  /** Where what is asked for is not the main thread. */
  ratePerS?: number;
  /** A private PostgreSQL, as `npm run services` starts it. */
  postgres?: boolean;
  seconds?: number;
}

const MIXED: readonly RouteName[] = ['spin', 'pieces', 'sleep', 'http', 'fetch', 'dns', 'worker', 'lock'];
const OTHERS: readonly Framework[] = ['express', 'express4', 'fastify', 'koa'];

/** `quick`: one cell per kind of trouble. */
export function cellsOf(frameworks: readonly Framework[] | null, quick: boolean): Cell[] {
  const wanted = (framework: Framework) => frameworks === null || frameworks.includes(framework);
  const plain: Cell[] = [
    { name: 'idle', framework: 'node:http', routes: [...MIXED, 'collect', 'child'], busy: 0.1, seconds: 5 },
    { name: 'half', framework: 'node:http', routes: MIXED, busy: 0.5 },
    { name: 'busy', framework: 'node:http', routes: MIXED, busy: 0.8 },
    { name: 'full', framework: 'node:http', routes: MIXED, busy: 0.95 },
    { name: 'gc', framework: 'node:http', routes: ['collect', 'spin', 'sleep', 'http'], busy: 0.5 },
    { name: 'pool', framework: 'node:http', routes: ['pool', 'pool', 'pool', 'sleep'], busy: 0.06 },
    // Tasks of some 10 ms for four threads on few cores: they queue.
    { name: 'pool queue', framework: 'node:http', routes: ['pool', 'pool', 'pool', 'sleep'], busy: 0, ratePerS: 170 },
    { name: 'db', framework: 'node:http', routes: ['spin', 'pieces', 'db', 'sleep'], busy: 0.5, postgres: true },
    { name: 'slow reader', framework: 'node:http', routes: ['big'], busy: 0, slowReaders: 8 },
    { name: 'quota', framework: 'node:http', routes: ['spin', 'pieces', 'http', 'sleep'], busy: 0.5, quotaCores: 0.6 },
    { name: 'neighbour', framework: 'node:http', routes: ['spin', 'pieces', 'http', 'sleep'], busy: 0.3, neighbours: 3 },
  ];
  const dressed = OTHERS.map((framework): Cell => ({ name: 'half', framework, routes: MIXED, busy: 0.5 }));
  const quickOnes = new Set(['half', 'busy', 'gc', 'pool']);
  return [...plain.filter(({ name }) => !quick || quickOnes.has(name)), ...(quick ? dressed.slice(0, 1) : dressed)].filter(
    ({ framework }) => wanted(framework),
  );
}

/** `/spin/7`: the load generator's [1-99] makes the name a pattern. */
export function pathOf(route: RouteName): string {
  return `/${route}/[1-99]`;
}

export const ROUTE_HANDLERS: Record<RouteName, string> = {
  spin: 'spin',
  pieces: 'pieces',
  sleep: 'sleeping',
  http: 'calling',
  fetch: 'fetching',
  dns: 'resolving',
  worker: 'working',
  lock: 'locked',
  collect: 'collecting',
  pool: 'hashing',
  child: 'spawning',
  big: 'sending',
  db: 'querying',
};
