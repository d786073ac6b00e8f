import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'compressed-answers',
  'Answers are compressed in the thread pool, a millisecond or two each',
  {
    gzip: (draw, folder) => packed(draw, folder, 'gzip', '{ level: 6 }'),
    deflate: (draw, folder) => packed(draw, folder, 'deflate', '{ level: 4 }'),
  },
  (draw) => ({ ratePerS: draw.int(40, 55), warmupS: 2, durationS: 8 }),
);

function packed(draw: Draw, folder: string, algorithm: string, options: string): Piece {
  const { items } = draw.theme;
  const file = `${folder}/${draw.pick(['packed', 'bundle', 'feed'])}`;
  const handler = `packed${capital(items)}`;
  const source = js`
    import { promisify } from 'node:util';
    import { ${algorithm} } from 'node:zlib';
    import { ${items} } from './store';

    const compress = promisify(${algorithm})«  as (data: string, options: object) => Promise<Buffer>»;

    export async function ${handler}() {
      const text = JSON.stringify(${items}.slice(0, 400));
      const body = await compress(text, ${options});
      return { encoding: '${algorithm}', bytes: body.length, of: text.length };
    }
  `;
  const path = `/${items}/packed`;
  return getRoute(file, source, { path, handler, weight: 6, examples: [path] });
}
