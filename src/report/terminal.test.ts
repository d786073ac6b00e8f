import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { healthyReport, hostileReport, SAMPLES, sickReport } from '../../test/sample-reports.js';
import type { Report } from '../model/report.js';
import { renderTerminal } from './terminal.js';
import { cells } from './text.js';

const plain = { color: false, unicode: true };

describe.each(['sick', 'healthy', 'inconclusive', 'empty', 'hostile'])('%s', (name) => {
  test.each([80, 120])('at %i columns', async (width) => {
    await expect(renderTerminal(SAMPLES[name]!(), { ...plain, width })).toMatchFileSnapshot(`golden/${name}-${width}.txt`);
  });
});

test('in ASCII', async () => {
  const text = renderTerminal(sickReport(), { color: false, unicode: false, width: 80 });
  expect(text).toMatch(/^[ -~\n]*$/);
  await expect(text).toMatchFileSnapshot('golden/sick-80-ascii.txt');
});

describe.each(Object.keys(SAMPLES))('%s', (name) => {
  // The huge one is only there for its size.
  test.each(name === 'huge' ? [60, 200] : [10, 60, 61, 72, 80, 99, 100, 133, 200, 500])('no line is wider than %i', (width) => {
    const widest = Math.max(60, Math.min(200, width));
    for (const unicode of [true, false]) {
      for (const line of renderTerminal(SAMPLES[name]!(), { color: false, unicode, width, ruledOut: true }).split('\n')) {
        expect(cells(line), line).toBeLessThanOrEqual(widest);
      }
    }
  });

  test('colour changes nothing but colour', () => {
    const text = renderTerminal(SAMPLES[name]!(), { color: true, unicode: true, width: 100 });
    const unstyled = stripVTControlCharacters(text).replace(/ +$/gm, '');
    expect(unstyled).toBe(renderTerminal(SAMPLES[name]!(), { ...plain, width: 100 }));
  });
});

test('only our own colours reach the terminal', () => {
  let text = renderTerminal(hostileReport(), { color: true, unicode: true, width: 100, ruledOut: true });
  for (const code of [0, 1, 2, 22, 31, 32, 33, 36, 39]) text = text.replaceAll(`\u001b[${code}m`, '');
  for (const line of text.split('\n')) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('the bars shown add up to the total shown', () => {
  for (const sample of [sickReport(), hostileReport(), SAMPLES['inconclusive']!(), SAMPLES['huge']!()]) {
    const text = renderTerminal(sample, { ...plain, width: 120 });
    const rows = [...text.matchAll(/^ {2}\S.*? ([\d,.]+) ms +(\d+) %$/gm)];
    const total = /adds up to the measured ([\d,.]+) ms/.exec(text)![1]!;
    const sum = rows.reduce((added, row) => added + Math.round(Number(row[1]!.replaceAll(',', '')) * 1000), 0);
    expect(sum / 1000).toBe(Number(total.replaceAll(',', '')));
    expect(rows.reduce((added, row) => added + Number(row[2]), 0)).toBe(100);
  }
});

test('the verdict comes before everything but the header', () => {
  const lines = renderTerminal(sickReport(), { ...plain, width: 100 }).split('\n');
  expect(lines.findIndex((line) => line.includes('✗ SICK'))).toBeLessThan(6);
});

test('a consequence stands below its cause, indented; a contributing finding apart', () => {
  const text = renderTerminal(sickReport(), { ...plain, width: 100 });
  const order = [
    '✗ The event loop is blocked',
    '└─ follows: The garbage collector',
    'Contributing',
    '▸ The tax service',
    'In the nursery',
    'Ruled out',
    'Not examined',
  ];
  const places = order.map((part) => text.indexOf(part));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test('causes in a circle or out of range are still all shown', () => {
  const report = sickReport();
  report.findings[0]!.causedBy = 1;
  report.findings[2]!.causedBy = 99;
  const text = renderTerminal(report, { ...plain, width: 100 });
  for (const finding of report.findings) expect(text).toContain(finding.title);
});

test('what was ruled out is shown whole when asked', () => {
  const report = sickReport();
  expect(renderTerminal(report, { ...plain, width: 100 })).toContain('… and 2 more      ddx show --ruled-out');
  const all = renderTerminal(report, { ...plain, width: 100, ruledOut: true });
  for (const { rule } of report.ruledOut) expect(all).toContain(rule);
  expect(all).not.toContain('--ruled-out');
});

test('exit code and files are named when known', () => {
  const text = renderTerminal(healthyReport(), { ...plain, width: 80, exitCode: 0, files: [['report', 'ddx-report.html']] });
  expect(text).toMatch(/nothing found, 9 ruled out, 0 not examined +exit 0\n {2}report +ddx-report\.html\n$/);
});

test('numbers that are none do not break the layout', () => {
  const report = sickReport() as Report;
  report.requests.p99Ms = Number.NaN;
  report.routes[0]!.p99Ms = Number.POSITIVE_INFINITY;
  report.findings[0]!.explainedShare = Number.NaN;
  report.findings[0]!.confidence = Number.NaN;
  expect(renderTerminal(report, { ...plain, width: 80 })).not.toMatch(/NaN|Infinity/);
});
