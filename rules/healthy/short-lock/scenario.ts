import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'short-lock',
  'Writers take a lock built of promises one after the other, and hold it for a millisecond or two',
  { chain: (draw, folder) => locked(draw, folder, 1), 'per-write': (draw, folder) => locked(draw, folder, 2) },
  (draw) => ({ ratePerS: draw.int(40, 60), warmupS: 2, durationS: 8 }),
);

function locked(draw: Draw, folder: string, holdMs: number): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['counter', 'reserve', 'inventory'])}`;
  const handler = `reserve${capital(item)}`;
  const source = js`
    import { setTimeout as delay } from 'node:timers/promises';

    const left = new Map«<string, number>»();
    let last«: Promise<unknown>» = Promise.resolve();

    function withLock«<T>»(work«: () => Promise<T>»)«: Promise<T>» {
      const mine = last.then(work);
      last = mine.catch(() => undefined);
      return mine;
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      return withLock(async () => {
        const stock = left.get(params.id) ?? 1000;
        await delay(${holdMs});
        left.set(params.id, stock > 1 ? stock - 1 : 1000);
        return { id: params.id, stock };
      });
    }
  `;
  const path = `/${items}/:id/reserve`;
  return getRoute(file, source, { path, handler, weight: 8, examples: withIds(path, [4, 9, 16]) });
}
