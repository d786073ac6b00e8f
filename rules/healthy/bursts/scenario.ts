import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'bursts',
  'Work comes in bursts, and each is over before anybody had to wait for it',
  { 'flush-files': flushFiles, 'settle-batch': settleBatch },
  (draw) => ({ ratePerS: draw.int(35, 50), warmupS: 2, durationS: 9 }),
);

/** Every second or two, a dozen small files are written. */
function flushFiles(draw: Draw, folder: string): Piece {
  const { events } = draw.theme;
  const file = `${folder}/${draw.pick(['flush', 'spool', 'outbox'])}`;
  const source = js`
    import { mkdir, writeFile } from 'node:fs/promises';
    import path from 'node:path';

    const dir = path.join(import.meta.dirname, 'spool');
    let buffered«: string[]» = [];

    async function flush() {
      const batch = buffered;
      buffered = [];
      await mkdir(dir, { recursive: true });
      await Promise.all(batch.slice(0, 12).map((line, i) => writeFile(path.join(dir, \`\${i}.json\`), line)));
    }

    export function startFlush() {
      setInterval(flush, ${draw.int(10, 20) * 100});
    }

    export async function add${capital(events)}({ body }«: { body: unknown }») {
      buffered.push(JSON.stringify(body));
      return { waiting: buffered.length };
    }
  `;
  const examples = [`/${events} {"amount":12,"to":"berlin"}`, `/${events} {"amount":7,"to":"oslo"}`];
  return {
    modules: [{ file, source }],
    boot: [{ call: 'startFlush()', from: file }],
    routes: [{ method: 'POST', path: `/${events}`, handler: `add${capital(events)}`, module: file, weight: 8, examples }],
  };
}

/** A timer settles a batch of jobs, a millisecond each, one per turn of the loop. */
function settleBatch(draw: Draw, folder: string): Piece {
  const { event, events } = draw.theme;
  const file = `${folder}/${draw.pick(['settle', 'expire', 'billing'])}`;
  const source = js`
    import { createHash } from 'node:crypto';
    import { setImmediate as turn } from 'node:timers/promises';

    let settled = 0;

    function settle(${event}«: number») {
      let seal = String(${event});
      for (let round = 0; round < 250; round++) seal = createHash('sha256').update(seal).digest('hex');
      return seal;
    }

    async function settleAll() {
      for (let ${event} = 0; ${event} < ${draw.int(50, 80)}; ${event}++) {
        settle(${event});
        settled++;
        await turn();
      }
    }

    export function startSettling() {
      setInterval(settleAll, ${draw.int(10, 14) * 100});
    }

    export async function settled${capital(events)}() {
      return { settled };
    }
  `;
  return {
    modules: [{ file, source }],
    boot: [{ call: 'startSettling()', from: file }],
    routes: [{ method: 'GET', path: '/settled', handler: `settled${capital(events)}`, module: file, weight: 4, examples: ['/settled'] }],
  };
}
