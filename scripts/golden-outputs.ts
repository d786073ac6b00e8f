import type { Report } from '../src/model/report.js';
import { renderMarkdown } from '../src/report/markdown.js';
import { renderTerminal } from '../src/report/terminal.js';

/** Every width and both kinds of terminal among them. */
const LOOKS = [
  { width: 60, unicode: true, ruledOut: false },
  { width: 80, unicode: false, ruledOut: false },
  { width: 120, unicode: true, ruledOut: true },
  { width: 200, unicode: true, ruledOut: true },
];

/** Golden recordings as people read them, by file name below test/outputs: the sick ones, and a healthy one. */
export function goldenOutputs(goldens: readonly { rule: string; state: string; report: Report }[]): Record<string, string> {
  const shown = goldens.filter(({ rule, state }) => state === 'sick' || rule === 'runtime/event-loop-blocked');
  return Object.fromEntries(
    shown.flatMap(({ rule, state, report }, i) => {
      const look = LOOKS[i % LOOKS.length]!;
      const name = `${rule.replace('/', '-')}-${state}`;
      return [
        [`${name}-${look.width}${look.unicode ? '' : '-ascii'}.txt`, renderTerminal(report, { ...look, color: false })],
        [`${name}.md`, renderMarkdown(report)],
      ];
    }),
  );
}
