import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';

/** Keeps the full rows of the last answers instead of their sums: all of it reaches the old space, then dies there. */
export function recentRing(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items, person, people } = draw.theme;
  const file = `${folder}/${draw.pick(['recent', 'quotes', 'baskets'])}`;
  const ring = draw.pick(['recent', 'lastAnswers', 'window']);
  const handler = `${draw.pick(['price', 'quote', 'offer'])}${capital(items)}`;
  const source = js`
    import { ${items} } from './store';

    const KEPT = ${draw.int(19, 20)};
    const ${ring}«: unknown[]» = [];

    //@cause{
    function rowsFor(${person}«: string») {
      return Array.from({ length: ${draw.int(15_000, 17_000)} }, (_, i) => ({
        ${item}: ${items}[i % ${items}.length],
        tax: { rate: 0.19, amount: i * 0.19 },
        label: [${person}, i],
      }));
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const rows = rowsFor(params.id);
      const total = rows.reduce((sum, row) => sum + row.tax.amount, 0);
      ${ring}.push(${sick ? `{ ${person}: params.id, total, rows }` : `{ ${person}: params.id, total }`});
      if (${ring}.length > KEPT) ${ring}.shift();
      return { ${person}: params.id, total, recent: ${ring}.length };
    }
    //@cause}
  `;
  const piece = pieceOf(draw, file, source, handler, `/${people}/:id/${draw.pick(['quote', 'prices', 'basket'])}`);
  return { ...piece, nodeArgs: ['--max-old-space-size=100'] };
}

/** Holds the whole parsed document during a wait of which only one field is needed afterwards. */
export function heldWhileWaiting(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, person, people } = draw.theme;
  const file = `${folder}/${draw.pick(['profile', 'permissions', 'history'])}`;
  const handler = `load${capital(person)}`;
  const waitMs = draw.int(170, 210);
  const source = js`
    import { setTimeout as delay } from 'node:timers/promises';

    const stored = JSON.stringify(
      Array.from({ length: ${draw.int(11_000, 12_500)} }, (_, i) => ({ id: i, ${item}: \`${item} \${i % 500}\`, at: { day: i % 28, hour: i % 24 }, flags: [i, i + 1] })),
    );

    async function askPermission(${person}«: string») {
      await delay(${waitMs});
      return ${person} !== '0';
    }

    //@cause{
    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const ${sick ? 'entries' : 'count'} = JSON.parse(stored)${sick ? '' : '.length'};
      const allowed = await askPermission(params.id);
      return { ${person}: params.id, allowed, entries: ${sick ? 'entries.length' : 'count'} };
    }
    //@cause}
  `;
  const piece = pieceOf(draw, file, source, handler, `/${people}/:id/${draw.pick(['profile', 'rights', 'history'])}`);
  return { ...piece, nodeArgs: ['--max-old-space-size=64'] };
}

/** A heap limit a little above what is alive: full collections follow one another. */
export function tightHeap(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items, event } = draw.theme;
  const file = `${folder}/${draw.pick(['catalogue', 'inventory', 'registry'])}`;
  const handler = `${draw.pick(['match', 'filter', 'collect'])}${capital(items)}`;
  const table = draw.pick(['table', 'entries', 'known']);
  const source = js`
    import { setTimeout as delay } from 'node:timers/promises';

    const ${table} = Array.from({ length: 250_000 }, (_, i) => ({ id: i, ${item}: \`${item} \${i % 900}\`, tags: [i % 7, i % 11] }));

    async function stockOf(id«: string») {
      await delay(${draw.int(120, 160)});
      return Number(id) % 40;
    }

    //@cause{
    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const hits = [];
      for (let i = 0; i < ${draw.int(4500, 5500)}; i++) {
        const row = ${table}[(i * 31 + Number(params.id)) % ${table}.length];
        hits.push({ id: row.id, ${item}: row.${item}, ${event}: { n: i, share: i / 7 }, tags: [row.tags[0], i] });
      }
      const stock = await stockOf(params.id);
      return { id: params.id, stock, found: hits.length, first: hits.slice(0, 5) };
    }
    //@cause}
  `;
  const piece = pieceOf(draw, file, source, handler, `/${items}/:id/${draw.pick(['matches', 'similar', 'related'])}`);
  return { ...piece, nodeArgs: [`--max-old-space-size=${sick ? 88 : 400}`] };
}

/** Builds the whole table anew several times a second, instead of changing the rows that changed. */
export function reloadTable(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['prices', 'rates', 'tariffs'])}`;
  const load = draw.pick(['load', 'fetch', 'reload']);
  const rows = draw.int(115, 125) * 1000;
  const handler = `priceOf${capital(item)}`;
  const refresh = sick ? `table = ${load}All();` : `for (let i = 0; i < 50; i++) table[(round * 50 + i) % table.length] = rowAt(i, round);`;
  const source = js`
    //@cause{
    function rowAt(i«: number», round«: number») {
      return { ${item}: i, price: { net: i * 0.99 + round, tax: i * 0.19 }, tiers: [i, i + round] };
    }

    function ${load}All() {
      return Array.from({ length: ${rows} }, (_, i) => rowAt(i, round));
    }

    let round = 0;
    let table = ${load}All();

    function refresh() {
      round++;
      ${refresh}
    }

    export function startRefresh() {
      setInterval(refresh, ${draw.int(24, 30) * 10});
    }
    //@cause}

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      return table[Number(params.id) % table.length];
    }
  `;
  const piece = pieceOf(draw, file, source, handler, `/${items}/:id/${draw.pick(['price', 'rate', 'tariff'])}`);
  return { ...piece, boot: [{ call: 'startRefresh()', from: file }], nodeArgs: ['--max-old-space-size=110'] };
}

function pieceOf(draw: Draw, file: string, source: string, handler: string, path: string): Piece {
  const ids = Array.from({ length: 8 }, () => draw.int(1, 190));
  const examples = ids.map((id) => path.replace(':id', String(id)));
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 14, examples }] };
}
