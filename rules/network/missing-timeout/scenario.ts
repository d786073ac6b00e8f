import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { CLIENTS } from './calls.js';

const CAUSES = Object.keys(CLIENTS);

export const scenario: Scenario = {
  id: 'network/missing-timeout',
  rule: 'network/missing-timeout',
  title: 'A service never answers some of its calls, and requests wait for them without a deadline',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(20, 35), warmupS: 2, durationS: 9 };
    return ordinaryApp(draw, folder, rated(draw, folder, draw.inTurn(CAUSES), sick), load);
  },
};

function rated(draw: Draw, folder: string, cause: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const name = draw.pick(['rateOf', 'askRate', 'currentRate']);
  const module = `${folder}/${draw.pick(['rates', 'partner', 'upstream'])}`;
  const use = { name, quickMs: draw.int(5, 20), deadlineMs: draw.int(150, 300) };
  const { source, ...beside } = CLIENTS[cause]!(draw, sick ? { ...use, deadlineMs: null } : use);
  const file = `${folder}/rated`;
  const handler = `${item}Rate`;
  const handlerSource = js`
    import { ${name} } from './${module.split('/').at(-1)}';

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      try {
        return { id: params.id, rate: await ${name}(params.id) };
      } catch {
        return { id: params.id, rate: null };
      }
    }
  `;
  const path = `/${items}/:id/rate`;
  const examples = withIds(path, [1, 2, 3, 7, 4, 5, 8, 9, 14, 10]);
  return {
    ...beside,
    modules: [
      { file: module, source },
      { file, source: handlerSource },
    ],
    routes: [{ method: 'GET', path, handler, module: file, weight: 12, examples }],
  };
}
