import { ACCOUNT_NAMES } from '../../model/account-names.js';
import { bucketWords, requestCount, sickestLedger } from '../../model/ledger-view.js';
import type { LedgerReport, Report } from '../../model/report.js';
import { wordMs, wordShare } from '../../model/wording.js';
import type { Paper } from '../../report/terminal/paper.js';
import { middle, padEnd, padStart } from '../../report/text.js';

/** A run with its name over its column. */
export interface Column {
  name: string;
  tone: 'good' | 'bad';
  report: Report;
}

const NAME_WIDTH = 30;
const NUMBER_WIDTH = 10;
/** Accounts below this share of the largest total are summed up. */
const WORTH_A_ROW = 0.02;

/** What users felt, run beside run. */
export function latencies(columns: readonly Column[], paper: Paper): string[] {
  const measures: [string, (report: Report) => string][] = [
    ['median answer (p50)', ({ requests }) => wordMs(requests.p50Ms)],
    ['slowest one in a hundred (p99)', ({ requests }) => wordMs(requests.p99Ms)],
    ['slowest of all', ({ requests }) => wordMs(requests.maxMs)],
    ['failed', ({ requests }) => wordShare(requests.count > 0 ? requests.errors / requests.count : 0)],
  ];
  return [
    `  ${' '.repeat(NAME_WIDTH)}${columns.map(({ name, tone }) => paper.tone(tone, padStart(name, 14))).join('')}`,
    ...measures.map(
      ([name, of]) =>
        `  ${padEnd(name, NAME_WIDTH)}${columns.map(({ report, tone }) => paper.tone(tone === 'bad' ? 'strong' : 'dim', padStart(of(report), 14))).join('')}`,
    ),
    '',
  ];
}

/** Where the slow requests of the route that suffered most spent their time: the same route and requests in every run, bars to one scale. */
export function ledgers(columns: readonly Column[], paper: Paper): string[] {
  const sick = columns.find(({ tone }) => tone === 'bad') ?? columns[0]!;
  const sickest = sickestLedger(sick.report);
  if (!sickest) return [];
  const { route, bucket } = sickest;
  const books = columns.map(({ report }) => report.ledger[route]?.[bucket] ?? null);
  const totals = books.map((book) => book?.measuredMs ?? 0);
  const largest = Math.max(...totals, 0.001);
  const sums = books.map(sumsOf);
  const accounts = [...new Set(sums.flatMap((sum) => [...sum.keys()]))];
  const most = (account: string) => Math.max(...sums.map((sum) => sum.get(account) ?? 0));
  const shown = accounts.filter((account) => most(account) >= largest * WORTH_A_ROW).sort((a, b) => most(b) - most(a));
  const small = accounts.filter((account) => !shown.includes(account));
  const rest = small.length > 1 ? small : [];
  if (small.length === 1) shown.push(...small);
  const room = Math.floor((paper.width - 4 - NAME_WIDTH) / columns.length);
  const bar = Math.max(0, room - NUMBER_WIDTH - 3);
  const cell = (ms: number, tone: 'bar' | 'dim'): string => {
    const length = Math.round((ms / largest) * bar);
    const drawn = bar > 3 ? padEnd(paper.sign.bar.repeat(Math.min(bar, length)), bar) : '';
    return `${padStart(ms > 0 ? wordMs(ms) : paper.sign.sep, NUMBER_WIDTH)} ${paper.tone(tone, drawn)}  `;
  };
  const row = (name: string, values: readonly number[], tone: 'bar' | 'dim' = 'bar') =>
    `  ${padEnd(middle(name, NAME_WIDTH - 1), NAME_WIDTH)}${values.map((ms) => cell(ms, tone)).join('')}`.trimEnd();
  const about = bucketWords(bucket, sickest.ledger.requests, requestCount(sick.report, route));
  return [
    `  ${paper.tone('strong', paper.clean(route === 'overall' ? 'all routes' : route))}${paper.tone('dim', `, ${about}`)}`,
    '',
    `  ${' '.repeat(NAME_WIDTH)}${columns.map(({ name, tone }) => paper.tone(tone, padEnd(`${padStart(name, NUMBER_WIDTH)}`, room))).join('')}`.trimEnd(),
    ...shown.map((account) =>
      row(
        ACCOUNT_NAMES[account as keyof typeof ACCOUNT_NAMES] ?? account,
        sums.map((sum) => sum.get(account) ?? 0),
      ),
    ),
    ...(rest.length > 0
      ? [
          row(
            `${rest.length} smaller ones`,
            sums.map((sum) => rest.reduce((total, account) => total + (sum.get(account) ?? 0), 0)),
            'dim',
          ),
        ]
      : []),
    `  ${paper.tone('strong', padEnd('together', NAME_WIDTH))}${totals.map((ms) => paper.tone('strong', padEnd(padStart(wordMs(ms), NUMBER_WIDTH), room))).join('')}`.trimEnd(),
    '',
  ];
}

function sumsOf(book: LedgerReport | null): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { account, ms } of book?.accounts ?? []) sums.set(account, (sums.get(account) ?? 0) + ms);
  return sums;
}
