import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'event-stream',
  'Answers that stay open for a second or more and send an event now and then, as server-sent events do',
  {
    ticks: (draw, folder) => stream(draw, folder, draw.int(4, 6), 250),
    'few-and-slow': (draw, folder) => stream(draw, folder, 3, draw.int(5, 7) * 100),
  },
  (draw) => ({ ratePerS: draw.int(25, 35), warmupS: 2, durationS: 9 }),
);

function stream(draw: Draw, folder: string, events: number, everyMs: number): Piece {
  const { event, events: many } = draw.theme;
  const file = `${folder}/${draw.pick(['live', 'feed', 'updates'])}`;
  const handler = `live${capital(many)}`;
  const source = js`
    import { Readable } from 'node:stream';
    import { setTimeout as delay } from 'node:timers/promises';

    async function* ${many}() {
      for (let id = 1; id <= ${events}; id++) {
        yield \`id: \${id}\\nevent: ${event}\\ndata: {"at":\${Date.now()}}\\n\\n\`;
        await delay(${everyMs});
      }
    }

    export async function ${handler}() {
      return Readable.from(${many}());
    }
  `;
  const path = `/${many}/live`;
  return getRoute(file, source, { path, handler, type: 'text/event-stream', streams: true, weight: 2, examples: [path] });
}
