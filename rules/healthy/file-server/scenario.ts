import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'file-server',
  'Every request reads several small files: the thread pool is used all the time, and nobody queues for it',
  { parallel: (draw, folder) => files(draw, folder, true), sequence: (draw, folder) => files(draw, folder, false) },
  (draw) => ({ ratePerS: draw.int(50, 70), warmupS: 2, durationS: 8 }),
);

function files(draw: Draw, folder: string, parallel: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['documents', 'assets', 'labels'])}`;
  const handler = `${item}Documents`;
  const names = ['front', 'back', 'small'].slice(0, parallel ? 3 : 2);
  const read = parallel
    ? 'const texts = await Promise.all(NAMES.map((name) => readFile(pathOf(name))));'
    : 'const texts = [];\nfor (const name of NAMES) texts.push(await readFile(pathOf(name)));';
  const source = js`
    import { writeFileSync } from 'node:fs';
    import { readFile } from 'node:fs/promises';
    import path from 'node:path';

    const NAMES = [${names.map((name) => `'${name}'`).join(', ')}];
    const pathOf = (name«: string») => path.join(import.meta.dirname, \`\${name}.svg\`);
    for (const name of NAMES) writeFileSync(pathOf(name), \`<svg>\${name.repeat(${draw.int(2000, 4000)})}</svg>\`);

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      ${read}
      return { id: params.id, bytes: texts.reduce((sum, text) => sum + text.length, 0) };
    }
  `;
  const path = `/${items}/:id/${draw.pick(['documents', 'images', 'labels'])}`;
  return getRoute(file, source, { path, handler, weight: 14, examples: withIds(path, [6, 21, 47]) });
}
