import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'not-found',
  'A good part of what is asked for does not exist, and is answered so: the mistakes of clients',
  { crawler: (draw, folder) => missing(draw, folder, 3), 'dead-links': (draw, folder) => missing(draw, folder, 6) },
  (draw) => ({ ratePerS: draw.int(40, 60), warmupS: 2, durationS: 8 }),
);

/** No route answers to these. */
function missing(draw: Draw, folder: string, weight: number): Piece {
  const { item, person } = draw.theme;
  const file = `${folder}/${draw.pick(['contact', 'imprint', 'terms'])}`;
  const source = js`
    export async function contact() {
      return { write: '${person}@example.org', about: '${item}' };
    }
  `;
  const examples = ['/wp-login.php', '/contact', `/old/${item}.html`, '/robots.txt', '/contact'];
  return getRoute(file, source, {
    path: '/contact',
    handler: 'contact',
    weight,
    examples: weight > 5 ? [...examples, '/favicon.ico'] : examples,
  });
}
