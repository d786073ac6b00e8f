import type { BucketLedger, Entry } from '../model/ledger.js';
import type { LedgerBuckets, LedgerReport } from '../model/report.js';

/** Details shown per account; the rest of an account is one line. */
const DETAILS = 4;

export function ledgerBuckets(buckets: readonly BucketLedger[]): LedgerBuckets {
  return Object.fromEntries(buckets.map((ledger) => [ledger.bucket, ledgerReport(ledger)]));
}

/** Milliseconds are whole microseconds over 1000, so they add up at 0.001 ms. */
function ledgerReport(ledger: BucketLedger): LedgerReport {
  return {
    requests: ledger.requests,
    measuredMs: ledger.measuredUs / 1000,
    accounts: accountsOf(ledger.entries, ledger.measuredUs),
    unattributedMs: ledger.entries.filter((entry) => entry.account === 'unattributed').reduce((sum, entry) => sum + entry.us, 0) / 1000,
    estimatedMs: ledger.estimatedUs / 1000,
  };
}

export function accountsOf(entries: readonly Entry[], totalUs: number): LedgerReport['accounts'] {
  const byAccount = new Map<string, Entry[]>();
  for (const entry of entries) byAccount.set(entry.account, [...(byAccount.get(entry.account) ?? []), entry]);
  const shown: Entry[] = [];
  for (const list of byAccount.values()) {
    const sorted = [...list].sort((a, b) => b.us - a.us);
    shown.push(...sorted.slice(0, DETAILS));
    const rest = sorted.slice(DETAILS).reduce((sum, entry) => sum + entry.us, 0);
    if (rest > 0) shown.push({ account: sorted[0]!.account, detail: `${sorted.length - DETAILS} more`, us: rest });
  }
  shown.sort((a, b) => b.us - a.us || (a.account < b.account ? -1 : 1));
  return shown.map(({ account, detail, us }) => ({
    account,
    ...(detail === undefined ? {} : { detail }),
    ms: us / 1000,
    share: Math.round((us / Math.max(1, totalUs)) * 1e4) / 1e4,
  }));
}
