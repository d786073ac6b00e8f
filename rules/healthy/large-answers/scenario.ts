import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'large-answers',
  'Answers of some hundred kilobytes: a few milliseconds of JSON each, which they are worth',
  { list: (draw, folder) => answers(draw, folder, false), page: (draw, folder) => answers(draw, folder, true) },
  (draw) => ({ ratePerS: draw.int(40, 55), warmupS: 2, durationS: 8 }),
);

function answers(draw: Draw, folder: string, html: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['export', 'sitemap', 'backup'])}`;
  const handler = `all${capital(items)}`;
  const rows = `Array.from({ length: ${draw.int(1500, 2200)} }, (_, i) => ({ ...${items}[i % ${items}.length], row: i }))`;
  const source = js`
    import { ${items} } from './store';

    export async function ${handler}() {
      const rows = ${rows};
      return ${html ? `rows.map((${item}) => \`<li>\${${item}.row} \${${item}.name}, \${${item}.price}</li>\`).join('')` : 'rows'};
    }
  `;
  const path = `/${items}/all`;
  return getRoute(file, source, { path, handler, weight: 5, examples: [path], ...(html ? { type: 'text/html' } : {}) });
}
