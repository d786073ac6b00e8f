import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'near-limit',
  'A pool of slots for another service is used to two thirds: now and then a request waits for one, and briefly',
  { 'two-slots': (draw, folder) => slots(draw, folder, 2), 'five-slots': (draw, folder) => slots(draw, folder, 5) },
  (draw) => ({ ratePerS: draw.int(40, 48), warmupS: 2, durationS: 9 }),
);

/** Utilisation = arrivals of this route x service time / slots, about 0.55 to 0.65. */
function slots(draw: Draw, folder: string, size: number): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['slots', 'limiter', 'gateway'])}`;
  const handler = `quoted${capital(item)}`;
  const ms = Math.round((size * 1000 * 0.6) / 22);
  const source = js`
    import { setTimeout as delay } from 'node:timers/promises';

    const SLOTS = ${size};
    let busy = 0;
    const queue«: (() => void)[]» = [];

    async function enter() {
      if (busy < SLOTS) busy++;
      else await new Promise«<void>»((resolve) => queue.push(resolve));
    }

    function leave() {
      const next = queue.shift();
      if (next) next();
      else busy--;
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      await enter();
      try {
        await delay(${ms});
        return { id: params.id, quote: 100 + Number(params.id) };
      } finally {
        leave();
      }
    }
  `;
  const path = `/${items}/:id/quote`;
  return getRoute(file, source, { path, handler, weight: 14, examples: withIds(path, [3, 17, 40, 51]) });
}
