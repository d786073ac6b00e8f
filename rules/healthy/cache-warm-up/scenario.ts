import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'cache-warm-up',
  'A cache that grows until it is full, some seconds after the start, and then no more',
  { 'evicts-oldest': (draw, folder) => cache(draw, folder, true), 'stops-storing': (draw, folder) => cache(draw, folder, false) },
  (draw) => ({ ratePerS: draw.int(90, 110), warmupS: 2, durationS: 12 }),
);

/** About fifty different keys per second come in, for a cache of 100 to 160. */
function cache(draw: Draw, folder: string, evicts: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['cache', 'details', 'thumbs'])}`;
  const handler = `cached${capital(item)}`;
  const full = evicts
    ? `if (cache.size >= MAX_ENTRIES) cache.delete(cache.keys().next().value);\ncache.set(params.id, details);`
    : `if (cache.size < MAX_ENTRIES) cache.set(params.id, details);`;
  const source = js`
    const MAX_ENTRIES = ${draw.int(100, 160)};
    const cache = new Map«<string, unknown[]>»();

    function detailsOf(id«: string») {
      return Array.from({ length: ${draw.int(700, 900)} }, (_, i) => ({ ${item}: id, part: i * 0.5, text: \`part \${i} of \${id}\` }));
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const known = cache.get(params.id);
      if (known) return { id: params.id, parts: known.length };
      const details = detailsOf(params.id);
      ${full}
      return { id: params.id, parts: details.length };
    }
  `;
  const path = `/${items}/:id/${draw.pick(['details', 'parts', 'thumb'])}`;
  const examples = [path.replace(':id', '[1-3000]')];
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 14, examples }] };
}
