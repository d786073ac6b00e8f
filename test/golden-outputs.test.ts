import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { goldenOutputs } from '../scripts/golden-outputs.js';
import { renderTerminal } from '../src/report/terminal.js';
import { cells } from '../src/report/text.js';
import { goldenReports } from './golden-reports.js';

const goldens = await goldenReports();

test.each(Object.entries(goldenOutputs(goldens)))('%s', (file, text) => {
  const path = resolve(import.meta.dirname, 'outputs', file);
  expect(text, 'ddx prints something else than it did; if that is meant: npm run golden').toBe(
    existsSync(path) ? readFileSync(path, 'utf8') : '',
  );
});

test.each(goldens.map((golden) => [golden.name, golden.report] as const))('%s: no line is wider than the terminal', (_, report) => {
  for (const width of [60, 80, 120, 200])
    for (const unicode of [true, false]) {
      const lines = renderTerminal(report, { width, unicode, color: false, ruledOut: true }).split('\n');
      expect(lines.filter((line) => cells(line) > width)).toEqual([]);
    }
});
