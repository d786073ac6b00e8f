import type { Owner } from './charge.js';

/** A connection that a pool has given out and not yet got back. */
export interface Checkout {
  /** The pool it is from: "postgres://127.0.0.1:5432/shop pool of 10". */
  readonly dest: string;
  readonly site: number;
  readonly owner: Owner;
  readonly sinceUs: number;
  /** Nothing is asked over it right now. */
  isIdle(): boolean;
}

const MOST = 1000;
const out = new Map<object, Checkout>();

export function took(connection: object, checkout: Checkout): void {
  if (out.size < MOST || out.has(connection)) out.set(connection, checkout);
}

export function gaveBack(connection: object): void {
  out.delete(connection);
}

/** Those given out before `us` over which nothing is asked. */
export function keptSince(us: number): Checkout[] {
  return [...out.values()].filter((checkout) => {
    try {
      return checkout.sinceUs < us && checkout.isIdle();
    } catch {
      return false;
    }
  });
}

export function forgetCheckouts(): void {
  out.clear();
}
