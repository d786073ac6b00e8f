import { describe, expect, it } from 'vitest';
import { sickReport } from '../../../test/sample-reports.js';
import type { Report } from '../../model/report.js';
import { paperOf } from '../../report/terminal/paper.js';
import { cells } from '../../report/text.js';
import { type Column, latencies, ledgers } from './compare.js';

const sick = sickReport();
/** The same routes, a tenth of the time. */
const well: Report = structuredClone(sick);
for (const buckets of Object.values(well.ledger)) {
  for (const book of Object.values(buckets)) {
    book.measuredMs /= 10;
    for (const entry of book.accounts) entry.ms /= 10;
  }
}
well.findings = [];
const columns: Column[] = [
  { name: 'healthy', tone: 'good', report: well },
  { name: 'sick', tone: 'bad', report: sick },
  { name: 'healed', tone: 'good', report: well },
];

describe.each([80, 120])('at %i cells', (width) => {
  const paper = paperOf({ width, color: false, unicode: true });

  it('stays within the terminal', () => {
    for (const line of [...latencies(columns, paper), ...ledgers(columns, paper)]) expect(cells(line)).toBeLessThanOrEqual(width);
  });

  it('has one column per run, and bars to one scale', () => {
    const lines = ledgers(columns, paper);
    const head = lines.find((line) => line.includes('healed'))!;
    expect(head).toMatch(/healthy +sick +healed/);
    if (width < 120) return;
    const first = lines[lines.indexOf(head) + 1]!;
    const [healthy = 0, ill = 0, healed = 0] = (first.match(/█+/g) ?? []).map((bar) => bar.length);
    expect(ill).toBeGreaterThan(10);
    expect([healthy, healed]).toEqual([Math.round(ill / 10), Math.round(ill / 10)]);
  });

  it('adds up under the columns', () => {
    const lines = ledgers(columns, paper);
    expect(lines.find((line) => line.includes('together'))).toBeDefined();
  });
});

it('says nothing where no ledger was made', () => {
  const bare = { ...sick, ledger: { overall: {} } } as Report;
  expect(ledgers([{ name: 'sick', tone: 'bad', report: bare }], paperOf({ width: 100, color: false, unicode: true }))).toEqual([]);
});
