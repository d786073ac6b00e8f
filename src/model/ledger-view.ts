import { ACCOUNT_NAMES } from './account-names.js';
import type { AccountId } from './ledger.js';
import type { LedgerReport, Report } from './report.js';
import { decimalsFor, roundToSum } from './rounding.js';
import type { Bucket } from './units.js';
import { wordCount, wordMany } from './wording.js';

export interface LedgerRow {
  account: AccountId | 'smaller';
  name: string;
  /** Integer in units of 10^-decimals ms. */
  units: number;
  /** Whole percent. */
  percent: number;
  /** 0..1 of the total, not rounded. */
  share: number;
  /** Who or where, largest first. */
  details: { text: string; ms: number }[];
}

/** A ledger rounded for the eye: where `closes`, units of the rows add up to `units`, percents to 100. */
export interface LedgerView {
  rows: LedgerRow[];
  decimals: number;
  /** The measured total. */
  units: number;
  /** Whether the accounts as given reach the measured total; where not, rows are rounded each for itself and nothing is made to fit. */
  closes: boolean;
}

/** Half a unit of the last place that a report carries (0.001 ms), per account. */
const TOLERANCE_MS = 0.0005;

/** What the route that suffers most spends its slow requests on; null where no ledger was made. */
export function sickestLedger(report: Report): { route: string; bucket: Bucket; ledger: LedgerReport } | null {
  const accused = report.findings
    .filter((finding) => finding.role === 'root-cause')
    .flatMap((finding) => [...(finding.route === undefined ? [] : [finding.route]), ...(finding.suffers ?? [])]);
  const known = new Set(Object.keys(report.ledger));
  const byPain = report.routes.filter((route) => known.has(route.route)).sort((a, b) => b.count * b.p99Ms - a.count * a.p99Ms);
  const route = byPain.find((candidate) => accused.includes(candidate.route)) ?? byPain[0];
  const name = route?.route ?? 'overall';
  const buckets = report.ledger[name] ?? {};
  for (const bucket of ['p99', 'max', 'p90', 'p50'] as const) {
    const ledger = buckets[bucket];
    if (ledger && ledger.measuredMs > 0) return { route: name, bucket, ledger };
  }
  return null;
}

/** `worthARow`: accounts below this share of the total are summed up in one row; 0 keeps every account. */
export function viewLedger(ledger: LedgerReport, worthARow = 0.01): LedgerView {
  const byAccount = new Map<AccountId, { ms: number; details: { text: string; ms: number }[] }>();
  for (const entry of ledger.accounts) {
    const sum = byAccount.get(entry.account) ?? { ms: 0, details: [] };
    sum.ms += entry.ms;
    if (entry.detail !== undefined) sum.details.push({ text: entry.detail, ms: entry.ms });
    byAccount.set(entry.account, sum);
  }
  const total = ledger.measuredMs;
  const sorted = [...byAccount].filter(([account]) => account !== 'unattributed').sort((a, b) => b[1].ms - a[1].ms);
  const large = sorted.filter(([, { ms }]) => ms >= total * worthARow);
  const small = sorted.filter(([, { ms }]) => ms < total * worthARow && ms > 0);
  const rows: Omit<LedgerRow, 'units' | 'percent' | 'share'>[] = [];
  const amounts: number[] = [];
  const push = (account: LedgerRow['account'], name: string, ms: number, details: LedgerRow['details']): void => {
    rows.push({ account, name, details: details.sort((a, b) => b.ms - a.ms) });
    amounts.push(ms);
  };
  for (const [account, { ms, details }] of large) push(account, ACCOUNT_NAMES[account] ?? account, ms, details);
  if (small.length === 1) push(small[0]![0], ACCOUNT_NAMES[small[0]![0]] ?? small[0]![0], small[0]![1].ms, []);
  if (small.length > 1)
    push(
      'smaller',
      `${small.length} smaller ones`,
      small.reduce((sum, [, { ms }]) => sum + ms, 0),
      [],
    );
  const rest = byAccount.get('unattributed');
  if (rest && rest.ms > 0) push('unattributed', ACCOUNT_NAMES.unattributed, rest.ms, []);

  const decimals = decimalsFor(total);
  const booked = ledger.accounts.reduce((sum, entry) => sum + entry.ms, 0);
  const closes = Math.abs(booked - total) <= TOLERANCE_MS * (ledger.accounts.length + 1);
  const sum = closes ? total : booked;
  const units = roundToSum(amounts, sum, decimals);
  const percents = roundToSum(amounts, total > 0 ? (sum / total) * 100 : 0, 0);
  return {
    decimals,
    units: closes ? units.total : Math.round(total * 10 ** decimals),
    closes,
    rows: rows.map((row, i) => ({
      ...row,
      units: units.parts[i]!,
      percent: percents.parts[i]!,
      share: total > 0 ? amounts[i]! / total : 0,
    })),
  };
}

/** In words, whose mean the ledger of a bucket is. `requests`: how many it stands for, `of`: how many there were, where known. */
export function bucketWords(bucket: Bucket, requests: number, of: number | undefined): string {
  if (bucket === 'max') return 'the slowest request';
  if (bucket === 'p50') return `the middle fifth (${wordMany(requests, 'request')}, mean)`;
  if (bucket === 'p90') return `around p90 (${wordMany(requests, 'request')}, mean)`;
  // Of few requests more than one percent is taken, or it would be no group.
  if (of !== undefined && requests > of * 0.015) return `the slowest ${wordCount(requests)} of ${wordMany(of, 'request')} (mean)`;
  return `the slowest 1 % (${wordMany(requests, 'request')}, mean)`;
}

/** How many requests a ledger's route had; all of them for "overall". */
export function requestCount(report: Report, route: string): number | undefined {
  return route === 'overall' ? report.requests.count : report.routes.find((candidate) => candidate.route === route)?.count;
}
