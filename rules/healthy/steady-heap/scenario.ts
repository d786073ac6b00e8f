import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'steady-heap',
  'A big heap that is meant to be big, with the saw-tooth of an ordinary collector above it',
  { table: (draw, folder) => bigTable(draw, folder, false), grouped: (draw, folder) => bigTable(draw, folder, true) },
  (draw) => ({ ratePerS: draw.int(60, 90), warmupS: 3, durationS: 12 }),
);

/** Some hundred megabytes loaded at start; each request makes a megabyte of garbage. */
function bigTable(draw: Draw, folder: string, grouped: boolean): Piece {
  const { item, items, event } = draw.theme;
  const file = `${folder}/${draw.pick(['dataset', 'ledger', 'archive'])}`;
  const handler = `${draw.pick(['report', 'list', 'page'])}${capital(event)}`;
  const source = js`
    const rows = Array.from({ length: ${draw.int(350, 450) * 1000} }, (_, i) => ({ id: i, ${item}: \`${item} \${i % 5000}\`, values: [i % 7, i % 31, i % 365] }));
    ${grouped ? `const byDay = Map.groupBy?.(rows, (row) => row.values[2]) ?? new Map([[0, rows]]);` : ''}

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const start = Number(params.id) * 100;
      const page = ${grouped ? '(byDay.get(Number(params.id) % 365) ?? rows)' : 'rows'}.slice(start % 1000, (start % 1000) + 2000);
      const lines = page.map((row) => ({ ...row, label: \`\${row.${item}} / \${row.values.join('-')}\` }));
      return { ${items}: lines.length, first: lines.slice(0, 5) };
    }
  `;
  const path = `/archive/:id`;
  const examples = Array.from({ length: 8 }, () => `/archive/${draw.int(1, 300)}`);
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 12, examples }] };
}
