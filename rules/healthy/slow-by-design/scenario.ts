import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'slow-by-design',
  'One route takes a second or more because that is what it is for',
  { 'long-poll': longPoll, 'delayed-answer': delayedAnswer, 'chunked-report': chunkedReport },
  (draw) => ({ ratePerS: draw.int(25, 35), warmupS: 2, durationS: 9 }),
);

/** Answers when something happened, or after its time is up. */
function longPoll(draw: Draw, folder: string): Piece {
  const { event, events } = draw.theme;
  const file = `${folder}/${draw.pick(['poll', 'changes', 'inbox'])}`;
  const source = js`
    import { EventEmitter, once } from 'node:events';

    const news = new EventEmitter();
    news.setMaxListeners(0);
    setInterval(() => news.emit('${event}', { at: Date.now() }), ${draw.int(28, 38) * 100}).unref();

    export async function wait${capital(event)}() {
      const signal = AbortSignal.timeout(${draw.int(12, 18) * 100});
      const [value] = await once(news, '${event}', { signal }).catch(() => [null]);
      return { ${event}: value };
    }
  `;
  return pieceOf(file, source, `wait${capital(event)}`, `/${events}/poll`);
}

/** Failed sign-ins are answered late on purpose. */
function delayedAnswer(draw: Draw, folder: string): Piece {
  const { person } = draw.theme;
  const file = `${folder}/${draw.pick(['signin', 'unlock', 'pin'])}`;
  const source = js`
    import { setTimeout as delay } from 'node:timers/promises';

    // Guessing must be slow.
    const PENALTY_MS = ${draw.int(10, 16) * 100};

    export async function checkPin({ query }«: { query: Record<string, string> }») {
      const ok = query.pin === '4711';
      if (!ok) await delay(PENALTY_MS);
      return { ${person}: query.who, ok };
    }
  `;
  return pieceOf(file, source, 'checkPin', '/pin?who=7&pin=1234');
}

/** A long computation that gives way every few milliseconds. */
function chunkedReport(draw: Draw, folder: string): Piece {
  const { items, events } = draw.theme;
  const file = `${folder}/${draw.pick(['yearly', 'audit', 'closing'])}`;
  const source = js`
    import { setImmediate as turn } from 'node:timers/promises';
    import { ${items} } from './store';

    function month(n«: number») {
      let sum = 0;
      for (let pass = 0; pass < ${draw.int(55, 70)}; pass++) {
        for (const { price, stock } of ${items}) sum = (sum + ((price * (stock + n + pass)) % 9973)) | 0;
      }
      return sum;
    }

    export async function yearly${capital(events)}() {
      const parts = [];
      for (let n = 0; n < 600; n++) {
        parts.push(month(n));
        if (n % 10 === 9) await turn();
      }
      return { parts: parts.length, last: parts.at(-1) };
    }
  `;
  return pieceOf(file, source, `yearly${capital(events)}`, `/${events}/yearly`);
}

function pieceOf(file: string, source: string, handler: string, example: string): Piece {
  const path = example.replace(/\?.*/, '');
  return { modules: [{ file, source }], routes: [{ method: 'GET', path, handler, module: file, weight: 1, examples: [example] }] };
}
