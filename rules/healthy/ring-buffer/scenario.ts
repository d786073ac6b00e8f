import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'ring-buffer',
  'The last so many requests or uploads are kept, each with a buffer: memory is high and stays there',
  { buffers: (draw, folder) => ring(draw, folder, true), objects: (draw, folder) => ring(draw, folder, false) },
  (draw) => ({ ratePerS: draw.int(60, 80), warmupS: 3, durationS: 11 }),
);

/** Full before the recording begins. */
function ring(draw: Draw, folder: string, buffers: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['recent', 'history', 'replay'])}`;
  const handler = `remember${capital(item)}`;
  const entry = buffers ? 'Buffer.alloc(64 * 1024, id)' : 'Array.from({ length: 500 }, (_, i) => ({ id, i }))';
  const source = js`
    const SIZE = ${draw.int(60, 90)};
    const recent = Array.from({ length: SIZE }, () => entryOf('0'));
    let next = 0;

    function entryOf(id«: string») {
      return ${entry};
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      recent[next++ % SIZE] = entryOf(params.id);
      return { id: params.id, kept: SIZE };
    }
  `;
  const path = `/${items}/:id/${draw.pick(['seen', 'snapshot', 'upload'])}`;
  return getRoute(file, source, { path, handler, weight: 10, examples: withIds(path, [5, 11, 62]) });
}
