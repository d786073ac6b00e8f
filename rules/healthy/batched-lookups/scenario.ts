import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'batched-lookups',
  'Each lookup waits some milliseconds on purpose, so that several go out as one',
  {
    'short-window': (draw, folder) => batched(draw, folder, draw.int(4, 8)),
    'long-window': (draw, folder) => batched(draw, folder, draw.int(20, 30)),
  },
  (draw) => ({ ratePerS: draw.int(50, 70), warmupS: 2, durationS: 8 }),
);

function batched(draw: Draw, folder: string, windowMs: number): Piece {
  const { person, people } = draw.theme;
  const file = `${folder}/${draw.pick(['loader', 'batch', 'lookup'])}`;
  const handler = `load${capital(person)}`;
  const source = js`
    import { setTimeout as delay } from 'node:timers/promises';

    let waiting«: { id: string; resolve: (value: unknown) => void }[]» = [];

    async function fetchMany(ids«: string[]») {
      await delay(3);
      return new Map(ids.map((id) => [id, { id, name: \`${person} \${id}\` }]));
    }

    async function flush() {
      const batch = waiting;
      waiting = [];
      const found = await fetchMany([...new Set(batch.map(({ id }) => id))]);
      for (const { id, resolve } of batch) resolve(found.get(id));
    }

    export function ${handler}({ params }«: { params: Record<string, string> }») {
      return new Promise«<unknown>»((resolve) => {
        waiting.push({ id: params.id, resolve });
        if (waiting.length === 1) setTimeout(flush, ${windowMs});
      });
    }
  `;
  const path = `/${people}/:id`;
  return getRoute(file, source, { path, handler, weight: 12, examples: withIds(path, [1, 2, 3, 50, 51]) });
}
