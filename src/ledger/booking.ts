import type { AccountId, Entry } from '../model/ledger.js';

/**
 * Collects the entries of one request. Times come in as fractions where a share was taken; they are rounded at the end, so that the
 * whole microseconds add up to the wall time exactly.
 */
export class Booking {
  private readonly amounts = new Map<string, { account: AccountId; detail?: string; us: number }>();
  estimatedUs = 0;

  add(account: AccountId, us: number, detail?: string): void {
    if (us <= 0) return;
    const key = detail === undefined ? account : `${account}\n${detail}`;
    const entry = this.amounts.get(key);
    if (entry) entry.us += us;
    else this.amounts.set(key, detail === undefined ? { account, us } : { account, detail, us });
  }

  /** Entries in whole microseconds that add up to `wallUs`; what was never booked is `unattributed`. */
  close(wallUs: number): Entry[] {
    const booked = [...this.amounts.values()];
    const sum = booked.reduce((total, entry) => total + entry.us, 0);
    if (sum < wallUs) booked.push({ account: 'unattributed', us: wallUs - sum });
    return roundTo(booked, wallUs);
  }
}

/** Largest-remainder rounding: whole numbers, same sum, nobody off by more than one. Amounts that exceed the total are scaled first. */
export function roundTo(entries: readonly Entry[], totalUs: number): Entry[] {
  const sum = entries.reduce((total, entry) => total + entry.us, 0);
  const scale = sum > 0 ? totalUs / sum : 0;
  const exact = entries.map((entry) => entry.us * scale);
  const floors = exact.map(Math.floor);
  let missing = totalUs - floors.reduce((total, us) => total + us, 0);
  const byRemainder = exact.map((us, i) => ({ i, remainder: us - floors[i]! })).sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (const { i } of byRemainder) {
    if (missing <= 0) break;
    floors[i]!++;
    missing--;
  }
  return entries.map((entry, i) => ({ ...entry, us: floors[i]! })).filter((entry) => entry.us > 0);
}
