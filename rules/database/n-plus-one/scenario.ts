import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { lookupNames, STORES } from './lookups.js';

const CAUSES = Object.keys(STORES);

export const scenario: Scenario = {
  id: 'database/n-plus-one',
  rule: 'database/n-plus-one',
  title: 'A list is answered by one quick call for each of its rows, one after another, instead of one call for all of them',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(CAUSES);
    const load = { ratePerS: draw.int(20, 40), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, history(draw, folder, cause, sick), load);
  },
};

/** Entries of a list name people; the people are looked up. Their number depends on the list. */
function history(draw: Draw, folder: string, cause: string, sick: boolean): Piece {
  const { item, items, person, people } = draw.theme;
  const names = lookupNames(draw);
  const { source, ...beside } = STORES[cause]!(draw, names);
  // Servers on this machine answer in fractions of a millisecond: it takes longer lists to be felt.
  const rows = draw.int(12, 18);
  const least = rows * (/redis/.test(cause) ? 7 : /pg|mysql/.test(cause) ? 3 : 1);
  const spread = draw.int(6, 16);
  const file = `${folder}/history`;
  const handler = `${item}History`;
  const shape = draw.pick(['for', 'push'] as const);
  const loop = {
    for: js`
      const ${people}«: unknown[]» = [];
      //@cause{
      for (const entry of entries) {
        ${people}.push(await ${names.one}(entry.${person}));
      }
      //@cause}
    `,
    push: js`
      const ${people}«: unknown[]» = [];
      for (let i = 0; i < entries.length; i++) {
        const ${person} = await ${names.one}(entries[i].${person}); //@cause
        ${people}[i] = ${person};
      }
    `,
  }[shape];
  const atOnce = `const ${people} = await ${names.many}(entries.map((entry) => entry.${person}));`;
  const handlerSource = js`
    import { ${names.one}, ${names.many} } from './directory';

    function entriesOf(${item}«: number») {
      const length = ${least} + ((${item} * 7) % ${spread});
      return Array.from({ length }, (_, i) => ({ at: i * 60, ${person}: 1 + ((${item} * 31 + i * 17) % 390) }));
    }

    async function withNames(entries«: ReturnType<typeof entriesOf>») {
      ${sick ? loop : atOnce}
      return entries.map((entry, i) => ({ ...entry, ${person}: ${people}[i] }));
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      return { ${item}: params.id, entries: await withNames(entriesOf(Number(params.id))) };
    }
  `;
  const path = `/${items}/:id/history`;
  return {
    ...beside,
    modules: [
      { file: `${folder}/directory`, source },
      { file, source: handlerSource },
    ],
    routes: [{ method: 'GET', path, handler, module: file, weight: 6, examples: withIds(path, [2, 5, 9, 14, 33]) }],
  };
}
