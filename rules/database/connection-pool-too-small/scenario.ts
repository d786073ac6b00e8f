import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { POOLS } from './pools.js';

const CAUSES = Object.keys(POOLS);
/** Of all requests, with the routes around it. */
const SHARE_OF_LOAD = 0.67;

export const scenario: Scenario = {
  id: 'database/connection-pool-too-small',
  rule: 'database/connection-pool-too-small',
  title: 'Requests queue for one of a few connections, while what they ask over them answers quickly',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(90, 120), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, stock(draw, folder, load.ratePerS, sick), load);
  },
};

/** Wanted: a little more than the small pool can give. */
function stock(draw: Draw, folder: string, ratePerS: number, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const few = draw.int(2, 3);
  const name = `${draw.pick(['ask', 'read', 'query'])}${capital(draw.pick(['stock', 'level', 'quota']))}`;
  const module = `${folder}/${draw.pick(['backend', 'warehouse', 'db'])}`;
  const ms = Math.round((1150 * few) / (ratePerS * SHARE_OF_LOAD));
  const { source, ...beside } = POOLS[draw.inTurn(CAUSES)]!(draw, { name, ms, size: sick ? few : few * 6 });
  const file = `${folder}/stock`;
  const handler = `${item}Stock`;
  const handlerSource = js`
    import { ${name} } from './${module.split('/').at(-1)}';

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const stock = await ${name}(params.id);
      return { id: params.id, stock };
    }
  `;
  const path = `/${items}/:id/stock`;
  return {
    ...beside,
    modules: [
      { file: module, source },
      { file, source: handlerSource },
    ],
    routes: [{ method: 'GET', path, handler, module: file, weight: 30, examples: withIds(path, [1, 4, 8, 22, 61]) }],
  };
}
