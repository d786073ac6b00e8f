import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

export const scenario: Scenario = {
  id: 'http/error-responses',
  rule: 'http/error-responses',
  title: 'A route answers with a server error for a good part of what it is asked',
  needs: [],
  causes: ['missing-record'],
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(35, 60), warmupS: 2, durationS: 6 };
    return ordinaryApp(draw, folder, reviews(draw, folder, sick), load);
  },
};

/** Most items have no reviews yet; the sick one forgets that. */
function reviews(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['reviews', 'ratings', 'feedback'])}`;
  const handler = `${draw.pick(['average', 'summary', 'score'])}Of${capital(item)}`;
  const path = `/${items}/:id/${draw.pick(['reviews', 'rating', 'score'])}`;
  const source = js`
    const stars = new Map«<number, number[]>»([
      [1, [5, 4, 5]],
      [2, [3, 4]],
    ]);

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const given = stars.get(Number(params.id))${sick ? '«!»' : ' ?? []'};
      return { count: given.length, mean: given.reduce((sum, star) => sum + star, 0) / Math.max(1, given.length) };
    }
  `;
  const examples = [1, 5, 9, 12].map((id) => path.replace(':id', String(id)));
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 5, examples }] };
}
