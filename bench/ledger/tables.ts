import type { Misbooked } from './compare.js';
import type { Result } from './result.js';

/** One cell: a line, and below it what is wrong; `verbose`: what is right too. */
export function describe(result: Result, verbose: boolean): string {
  const { node, cell, errors, matched, unmatched, busyShare, ratePerS, namedShare, worstP50Ms, worstP99Ms } = result;
  const within = errors.filter((error) => error.within).length;
  const head = [
    `${node} ${cell.framework} ${cell.name}:`,
    `${matched} requests at ${ratePerS}/s, busy ${percent(busyShare)},`,
    `${within} of ${errors.length} within, named ${percent(namedShare)},`,
    `worst account of a request p50 ${worstP50Ms.toFixed(2)} ms p99 ${worstP99Ms.toFixed(2)} ms`,
    ...(result.bookedShare < 1 ? [`(the ledger was kept for ${percent(result.bookedShare)} of them)`] : []),
    ...(result.disturbed > 0 ? [`(${result.disturbed} met a collection that the server had not asked for)`] : []),
    ...(unmatched > 0 ? [`(${unmatched} without a match)`] : []),
  ].join(' ');
  const examples = verbose ? result.furthest.map((text) => `  ${text}`) : [];
  return [head, ...errors.filter((error) => verbose || !error.within).map(line), ...examples].join('\n');
}

function line({ route, account, bucket, truthMs, ledgerMs, errorMs, within }: Misbooked): string {
  const figures = `${truthMs.toFixed(2).padStart(8)} -> ${ledgerMs.toFixed(2).padStart(8)}  ${signed(errorMs).padStart(8)} ms`;
  return `  ${within ? ' ' : '!'} ${route.padEnd(8)} ${bucket} ${account.padEnd(21)} ${figures}`;
}

/** Names of ACCOUNTS in compare.ts. */
const ACCOUNTS = [
  ...[
    'own JS',
    'other JS and runtime',
    'collector',
    'no core',
    'timer',
    'http',
    'dns',
    'worker',
    'lock',
    'pool wait',
    'pool work',
    'child',
  ],
  'response',
  'db',
];

export const TABLE_HEAD = ['Node', 'framework', 'load', 'busy', 'requests', 'named', 'within', ...ACCOUNTS, 'estimated'];

/** One cell as a row of TABLE_HEAD: per account "p50 / p99" of the largest error over the routes, ms; what misses the goal is marked. */
export function summaryRow(result: Result): string[] {
  return [
    result.node,
    result.cell.framework,
    result.cell.name,
    percent(result.busyShare),
    String(result.matched),
    percent(result.namedShare),
    `${result.errors.filter(({ within }) => within).length}/${result.errors.length}`,
    ...ACCOUNTS.map((account) => cellOf(result, account)),
    percent(result.estimatedShare),
  ];
}

export function summaryTable(results: readonly Result[]): string {
  return [TABLE_HEAD, TABLE_HEAD.map(() => '---'), ...results.map(summaryRow)].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cellOf({ errors }: Result, account: string): string {
  const worst = (bucket: Misbooked['bucket']): string => {
    const of = errors.filter((error) => error.account === account && error.bucket === bucket);
    if (of.length === 0) return '-';
    const largest = of.reduce((a, b) => (Math.abs(b.errorMs) > Math.abs(a.errorMs) ? b : a));
    return `${signed(largest.errorMs)}${of.every(({ within }) => within) ? '' : '!'}`;
  };
  const both = [worst('p50'), worst('p99')];
  return both.every((text) => text === '-') ? '' : both.join(' / ');
}

function signed(ms: number): string {
  return `${ms >= 0 ? '+' : '-'}${Math.abs(ms).toFixed(2)}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
