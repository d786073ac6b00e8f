import type { Entry } from '../model/ledger.js';

/** True when the entries are whole, positive and add up to `totalUs`. Adding up proves nothing about their truth; not adding up proves a bug. */
export function addsUp(entries: readonly Entry[], totalUs: number): boolean {
  return (
    entries.every((entry) => Number.isInteger(entry.us) && entry.us > 0) && entries.reduce((sum, entry) => sum + entry.us, 0) === totalUs
  );
}
