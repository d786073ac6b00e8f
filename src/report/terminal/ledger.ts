import { bucketWords, type LedgerRow, type LedgerView, requestCount, sickestLedger, viewLedger } from '../../model/ledger-view.js';
import type { Report } from '../../model/report.js';
import { wordFixed, wordMs } from '../../model/wording.js';
import { cells, middle, padEnd, padStart, wrap } from '../text.js';
import type { Paper } from './paper.js';

/** Below this width bars say nothing. */
const BARS_FROM = 80;
/** Accounts below this share are not explained further. */
const WORTH_A_DETAIL = 0.1;
const NAME_WIDTH = 28;
const PERCENT_WIDTH = 8;

/** Where the slow requests of the sickest route spend their time, in bars whose numbers add up in view. */
export function ledgerBars(report: Report, paper: Paper): string[] {
  const sickest = sickestLedger(report);
  if (!sickest) return [];
  const { route, bucket, ledger } = sickest;
  const view = viewLedger(ledger);
  if (view.rows.length === 0) return [];
  const title = 'Where the time goes';
  const name = route === 'overall' ? 'all routes' : paper.clean(route);
  const about = `, ${bucketWords(bucket, ledger.requests, requestCount(report, route))}`;
  const beside = 2 + cells(title) + 3 + Math.min(cells(name), 30) + cells(about) <= paper.width;
  const shownName = middle(name, paper.width - cells(about) - (beside ? cells(title) + 5 : 4));
  const named = `${shownName}${paper.tone('dim', about)}`;
  const head = beside ? [`  ${paper.tone('strong', title)}   ${named}`] : [`  ${paper.tone('strong', title)}`, `    ${named}`];
  return [...head, '', ...rows(view, paper), ...sum(view, ledger.estimatedMs, paper)];
}

function rows(view: LedgerView, paper: Paper): string[] {
  const msWidth = Math.max(8, cells(wordFixed(view.units, view.decimals)) + 5);
  const bar = paper.width >= BARS_FROM ? Math.min(60, paper.width - 4 - NAME_WIDTH - msWidth - PERCENT_WIDTH) : 0;
  const longest = Math.max(...view.rows.map((row) => row.units), 1);
  return view.rows.flatMap((row) => {
    const glyph = row.account === 'unattributed' ? paper.sign.rest : paper.sign.bar;
    const length = bar === 0 || row.units === 0 ? 0 : Math.max(1, Math.round((row.units / longest) * (bar - 1)));
    const label = padEnd(middle(row.name, NAME_WIDTH - 1), NAME_WIDTH);
    const numbers = padStart(`${wordFixed(row.units, view.decimals)} ms`, msWidth) + padStart(`${row.percent} %`, PERCENT_WIDTH);
    const drawn = paper.tone(row.account === 'unattributed' ? 'dim' : 'bar', glyph.repeat(length)) + ' '.repeat(bar - length);
    return [`  ${label}${drawn}${numbers}`, ...details(row, paper)];
  });
}

function details(row: LedgerRow, paper: Paper): string[] {
  if (row.share < WORTH_A_DETAIL) return [];
  return row.details.slice(0, 2).map(({ text, ms }) => {
    const amount = row.details.length > 1 ? `  ${wordMs(ms)}` : '';
    return paper.tone('dim', `    ${middle(paper.clean(text), paper.width - 6 - cells(amount))}${amount}`);
  });
}

function sum(view: LedgerView, estimatedMs: number, paper: Paper): string[] {
  const total = `${wordFixed(view.units, view.decimals)} ms`;
  const booked = view.rows.reduce((added, row) => added + row.units, 0);
  const estimated = estimatedMs >= 0.005 ? `, of which ${wordMs(estimatedMs)} split by estimate` : '';
  const says = view.closes
    ? `${paper.sign.good} adds up to the measured ${total}${estimated}`
    : `${paper.sign.bad} adds up to ${wordFixed(booked, view.decimals)} ms, but ${total} were measured`;
  return wrap(says, paper.width - 2).map((line) => `  ${paper.tone(view.closes ? 'dim' : 'bad', line)}`);
}
