import type { AccountId } from '../../src/model/ledger.js';

/** Handlers of target/handlers.mjs; the index is what its marks say. */
export const ROUTES = [
  'spin',
  'pieces',
  'sleep',
  'http',
  'fetch',
  'dns',
  'worker',
  'lock',
  'collect',
  'pool',
  'child',
  'big',
  'db',
] as const;
export type RouteName = (typeof ROUTES)[number];

/** What the marks of a wait say, and the accounts in which the ledger may book it. */
export const WAITS: readonly { name: string; accounts: readonly AccountId[] }[] = [
  { name: 'timer', accounts: ['wait/timer'] },
  { name: 'http', accounts: ['http/response', 'http/pool-wait', 'net/connect'] },
  { name: 'dns', accounts: ['net/dns'] },
  { name: 'worker', accounts: ['wait/worker'] },
  { name: 'lock', accounts: ['wait/lock'] },
  { name: 'pool', accounts: ['pool/wait', 'pool/work'] },
  { name: 'child', accounts: ['wait/child'] },
  { name: 'db', accounts: ['db/execute', 'db/pool-wait', 'db/connect'] },
];
