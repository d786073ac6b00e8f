import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'short-lived-garbage',
  'Tens of megabytes are allocated each second and die at once, which is what the young generation is for',
  { rows: (draw, folder) => garbage(draw, folder, false), strings: (draw, folder) => garbage(draw, folder, true) },
  (draw) => ({ ratePerS: draw.int(60, 80), warmupS: 2, durationS: 9 }),
);

function garbage(draw: Draw, folder: string, strings: boolean): Piece {
  const { item, items, people } = draw.theme;
  const file = `${folder}/${draw.pick(['matching', 'scoring', 'filters'])}`;
  const handler = `match${capital(items)}`;
  const score = strings
    ? `\`\${${item}.name} \${id} \${round}\`.toUpperCase().length`
    : `[${item}.price, ${item}.stock, id].map((value) => ({ value, round })).length`;
  const source = js`
    import { ${items} } from './store';

    function scoreOf(${item}«: { name: string; price: number; stock: number }», id«: number», round«: number») {
      return ${score};
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      let sum = 0;
      for (let round = 0; round < ${strings ? 14 : 10}; round++) {
        for (const ${item} of ${items}.slice(0, 200)) sum += scoreOf(${item}, Number(params.id), round);
      }
      return { id: params.id, sum };
    }
  `;
  const path = `/${people}/:id/${draw.pick(['matches', 'scores', 'picks'])}`;
  const examples = Array.from({ length: 6 }, () => path.replace(':id', `${draw.int(1, 99)}`));
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 14, examples }] };
}
