import type { AccountId } from './ledger.js';

/** A fix as data that the what-if replay understands. */
export type Change =
  | { kind: 'scale-account'; account: AccountId; detail?: string; factor: number }
  | { kind: 'set-concurrency'; resource: string; from: number; to: number };
