import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

/** Which of V8's limits was set: of old objects, or of all. */
const CAUSES = { 'old-space': '--max-old-space-size', 'whole-heap': '--max-heap-size' };

export const scenario: Scenario = {
  id: 'memory/heap-limit-above-container',
  rule: 'memory/heap-limit-above-container',
  title: 'V8 was promised more memory for its heap than there is',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const flag = draw.inTurn(Object.values(CAUSES));
    const piece = recentItems(draw, folder);
    // More than the machines have on which this runs, and sizes that all of them have.
    const [hugeGb, fittingMb] = [draw.int(12, 40) * 10, draw.int(5, 9) * 100];
    const load = { ratePerS: draw.int(60, 100), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, { ...piece, nodeArgs: [`${flag}=${sick ? hugeGb * 1024 : fittingMb}`] }, load);
  },
};

/** A bounded cache, to which the limit matters one day. */
function recentItems(draw: Draw, folder: string): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['recent', 'lately', 'history'])}`;
  const handler = `recent${capital(items)}`;
  const source = js`
    const recent = new Map«<string, { ${item}: string; seen: number }>»();

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      recent.delete(params.id);
      recent.set(params.id, { ${item}: params.id, seen: recent.size });
      if (recent.size > ${draw.int(200, 500)}) recent.delete(recent.keys().next().value«!»);
      await new Promise((resolve) => setTimeout(resolve, ${draw.int(2, 6)}));
      return [...recent.values()].slice(-20);
    }
  `;
  const path = `/${items}/:id/${draw.pick(['recent', 'lately', 'seen'])}`;
  return getRoute(file, source, { path, handler, weight: 8, examples: withIds(path, [2, 4, 8, 16, 32]) });
}
