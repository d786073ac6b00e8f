import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { queueSource, STYLES, type Style } from './queues.js';

export const scenario: Scenario = {
  id: 'concurrency/unbounded-backlog',
  rule: 'concurrency/unbounded-backlog',
  title: 'A queue in the process gets more jobs than its workers do, and whoever waits for one waits longer and longer',
  needs: [],
  causes: STYLES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(44, 70), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, queued(draw, folder, draw.inTurn(STYLES), load.ratePerS, sick), load);
  },
};

/** About every second request goes there. */
const WEIGHT = 14;
const ENOUGH_WORKERS = 8;

function queued(draw: Draw, folder: string, style: Style, ratePerS: number, sick: boolean): Piece {
  const { items } = draw.theme;
  const job = draw.pick(['label', 'invoice', 'preview', 'voucher']);
  const work = `print${capital(job)}`;
  const remote = draw.chance(0.5);
  const workers = draw.pick([1, 2]);
  // A quarter to a half more comes than they do.
  const ms = Math.round(((1000 * workers) / (ratePerS * 0.5)) * (draw.int(130, 160) / 100));
  const service = `${job}s`;
  const printing = `${folder}/${draw.pick(['printing', 'render', 'press'])}`;
  const queue = `${folder}/${draw.pick(['queue', 'jobs', 'backlog'])}`;
  const file = `${folder}/${draw.pick(['documents', 'papers', 'sheets'])}`;
  const handler = `make${capital(job)}`;
  const worked = remote
    ? js`
      export async function ${work}(id«: string») {
        const answer = await fetch(\`\${process.env.PRINTER_URL}/${service}/\${id}\`); //@cause
        return answer.json();
      }
    `
    : js`
      import { setTimeout as delay } from 'node:timers/promises';

      export async function ${work}(id«: string») {
        await delay(${ms}); //@cause
        return { id, pages: 1 + (id.length % 3) };
      }
    `;
  const source = js`
    import { enqueue } from './${queue.split('/').at(-1)}';

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      return { id: params.id, ${job}: await enqueue(params.id) }; //@cause
    }
  `;
  const imports = `import { ${work} } from './${printing.split('/').at(-1)}';`;
  const path = `/${items}/:id/${job}`;
  const piece = getRoute(file, source, { path, handler, weight: WEIGHT, examples: withIds(path, [4, 9, 16, 23, 42]) });
  return {
    ...piece,
    modules: [
      { file: printing, source: worked },
      { file: queue, source: queueSource(style, imports, work, sick ? workers : ENOUGH_WORKERS) },
      ...piece.modules,
    ],
    ...(style === 'worker-loop' ? { boot: [{ call: 'startWorkers()', from: queue }] } : {}),
    ...(remote
      ? { files: { 'printer.mjs': printerSource(ms - 2) }, companions: [{ name: 'printer', file: 'printer.mjs', urlEnv: 'PRINTER_URL' }] }
      : {}),
  };
}

function printerSource(ms: number): string {
  return js`
    import http from 'node:http';

    const server = http.createServer((req, res) => {
      setTimeout(() => res.setHeader('content-type', 'application/json').end(JSON.stringify({ path: req.url, pages: 2 })), ${ms});
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
}
