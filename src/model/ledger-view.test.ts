import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AccountId } from './ledger.js';
import { viewLedger } from './ledger-view.js';
import type { LedgerReport } from './report.js';

const account = fc.constantFrom<AccountId>('js/own', 'js/other', 'js/gc', 'db/execute', 'net/dns', 'wait/timer', 'unattributed');
const entries = fc.array(
  fc.tuple(account, fc.option(fc.string({ maxLength: 4 }), { nil: undefined }), fc.integer({ min: 0, max: 10_000_000 })),
  { minLength: 1, maxLength: 30 },
);

function ledgerOf(parts: [AccountId, string | undefined, number][]): LedgerReport {
  const us = parts.reduce((sum, part) => sum + part[2], 0);
  return {
    requests: 3,
    measuredMs: us / 1000,
    accounts: parts.map(([id, detail, partUs]) => ({
      account: id,
      ...(detail === undefined ? {} : { detail }),
      ms: partUs / 1000,
      share: partUs / us,
    })),
    unattributedMs: 0,
    estimatedMs: 0,
  };
}

test('rows shown add up to the total shown, and to 100 %, with small accounts apart or together', () => {
  fc.assert(
    fc.property(entries, fc.constantFrom(0, 0.01, 0.3), (parts, worthARow) => {
      const ledger = ledgerOf(parts);
      fc.pre(ledger.measuredMs > 0);
      const view = viewLedger(ledger, worthARow);
      expect(view.closes).toBe(true);
      expect(view.rows.reduce((sum, row) => sum + row.units, 0)).toBe(view.units);
      expect(view.rows.reduce((sum, row) => sum + row.percent, 0)).toBe(100);
      expect(view.units).toBe(Math.round(ledger.measuredMs * 10 ** view.decimals));
    }),
  );
});

test('a ledger that does not close is not made to fit', () => {
  const view = viewLedger({
    ...ledgerOf([
      ['js/own', undefined, 60_000],
      ['js/gc', undefined, 20_000],
    ]),
    measuredMs: 100,
  });
  expect(view.closes).toBe(false);
  expect(view.rows.map((row) => [row.units, row.percent])).toEqual([
    [60, 60],
    [20, 20],
  ]);
  expect(view.units).toBe(100);
});

test('unattributed comes last, however large', () => {
  const view = viewLedger(
    ledgerOf([
      ['unattributed', undefined, 90_000],
      ['js/own', 'f', 10_000],
    ]),
  );
  expect(view.rows.map((row) => row.account)).toEqual(['js/own', 'unattributed']);
});
