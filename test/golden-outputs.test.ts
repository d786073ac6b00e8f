import { describe, expect, test } from 'vitest';
import { renderMarkdown } from '../src/report/markdown.js';
import { renderTerminal } from '../src/report/terminal.js';
import { cells } from '../src/report/text.js';
import { goldenReports } from './golden-reports.js';

/** Ten real recordings as people read them: snapshots to be looked at in review. `npx vitest run --project unit -u test/golden-outputs` */
const SHOWN = ['runtime/event-loop-blocked healthy'];
const reports = (await goldenReports()).filter(({ name, state }) => state === 'sick' || SHOWN.includes(name));

/** Each width and each kind of terminal for some of them. */
const LOOKS = [
  { width: 60, unicode: true, ruledOut: false },
  { width: 80, unicode: false, ruledOut: false },
  { width: 120, unicode: true, ruledOut: true },
  { width: 200, unicode: true, ruledOut: true },
];

describe.each(reports.map((golden, i) => [golden.name, golden, LOOKS[i % LOOKS.length]!] as const))(
  '%s',
  (_, { rule, state, report }, look) => {
    const file = `outputs/${rule.replace('/', '-')}-${state}`;

    test(`at ${look.width} columns${look.unicode ? '' : ', ASCII'}`, async () => {
      await expect(renderTerminal(report, { ...look, color: false })).toMatchFileSnapshot(
        `${file}-${look.width}${look.unicode ? '' : '-ascii'}.txt`,
      );
    });

    test('in Markdown', async () => {
      await expect(renderMarkdown(report)).toMatchFileSnapshot(`${file}.md`);
    });

    test.each([60, 80, 120, 200])('no line is wider than %i', (width) => {
      for (const unicode of [true, false]) {
        const lines = renderTerminal(report, { width, unicode, color: false, ruledOut: true }).split('\n');
        expect(lines.filter((line) => cells(line) > width)).toEqual([]);
      }
    });
  },
);
