import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';

/** Keeps the full rows of the last answers instead of their sums: all of it reaches the old space, then dies there. */
export function recentRing(draw: Draw, folder: string, sick: boolean): Piece {
  return { ...lastAnswers(draw, folder, sick), nodeArgs: ['--max-old-space-size=100'] };
}

/** The rows are wanted, but the heap limit is only a little above what is alive: full collections follow one another. */
export function tightHeap(draw: Draw, folder: string, sick: boolean): Piece {
  return { ...lastAnswers(draw, folder, true), nodeArgs: [`--max-old-space-size=${sick ? 104 : 800}`] };
}

function lastAnswers(draw: Draw, folder: string, keepsRows: boolean): Piece {
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
      ${ring}.push({ ${person}: params.id, total${keepsRows ? ', rows' : ''} });
      if (${ring}.length > KEPT) ${ring}.shift();
      return { ${person}: params.id, total, recent: ${ring}.length };
    }
    //@cause}
  `;
  return pieceOf(draw, file, source, handler, `/${people}/:id/${draw.pick(['quote', 'prices', 'basket'])}`);
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
  return { ...piece, nodeArgs: ['--max-old-space-size=48'] };
}

/** Collects every record of a second to sum them up at its end, instead of adding to a sum at once. */
export function batchWindow(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items, event } = draw.theme;
  const file = `${folder}/${draw.pick(['metering', 'usage', 'clicks'])}`;
  const handler = `track${capital(event)}`;
  const rows = draw.int(14, 16) * 1000;
  const everyMs = draw.int(11, 13) * 100;
  const keep = sick ? 'collected.push(...recordsOf(params.id));' : 'for (const record of recordsOf(params.id)) summed += record.at.share;';
  const flush = sick ? 'for (const record of collected) summed += record.at.share;\ncollected = [];' : '';
  const source = js`
    ${sick ? `let collected«: { ${item}: number; at: { n: number; share: number }; tags: unknown[] }[]» = [];` : ''}
    let summed = 0;
    let reported = 0;

    //@cause{
    function recordsOf(${item}«: string») {
      return Array.from({ length: ${rows} }, (_, n) => ({ ${item}: n % 97, at: { n, share: n / 7 }, tags: [${item}, n] }));
    }

    function report() {
      ${flush}
      reported = summed;
    }

    export function startReports() {
      setInterval(report, ${everyMs});
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      ${keep}
      return { ${item}: params.id, reported };
    }
    //@cause}
  `;
  const piece = pieceOf(draw, file, source, handler, `/${items}/:id/${draw.pick(['track', 'usage', 'meter'])}`);
  return { ...piece, boot: [{ call: 'startReports()', from: file }], nodeArgs: ['--max-old-space-size=130'] };
}

function pieceOf(draw: Draw, file: string, source: string, handler: string, path: string): Piece {
  const ids = Array.from({ length: 8 }, () => draw.int(1, 190));
  const examples = ids.map((id) => path.replace(':id', String(id)));
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 14, examples }] };
}
