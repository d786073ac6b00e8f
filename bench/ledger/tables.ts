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
    ...(unmatched > 0 ? [`(${unmatched} without a match)`] : []),
  ].join(' ');
  const examples = verbose ? result.furthest.map((text) => `  ${text}`) : [];
  return [head, ...errors.filter((error) => verbose || !error.within).map(line), ...examples].join('\n');
}

function line({ route, account, bucket, truthMs, ledgerMs, errorMs, within }: Misbooked): string {
  const figures = `${truthMs.toFixed(2).padStart(8)} -> ${ledgerMs.toFixed(2).padStart(8)}  ${signed(errorMs).padStart(8)} ms`;
  return `  ${within ? ' ' : '!'} ${route.padEnd(8)} ${bucket} ${account.padEnd(21)} ${figures}`;
}

/** Rows: cells; columns: accounts. "p50 / p99" of the largest error over the routes, ms; what misses the goal is marked. */
export function summaryTable(results: readonly Result[]): string {
  const accounts = [...new Set(results.flatMap(({ errors }) => errors.map(({ account }) => account)))];
  const head = ['Node', 'framework', 'load', 'busy', 'requests', 'named', ...accounts, 'within'];
  const rows = results.map((result) => [
    result.node,
    result.cell.framework,
    result.cell.name,
    percent(result.busyShare),
    String(result.matched),
    percent(result.namedShare),
    ...accounts.map((account) => cellOf(result, account)),
    `${result.errors.filter(({ within }) => within).length}/${result.errors.length}`,
  ]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
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
