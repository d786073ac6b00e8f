import type { Draw } from '../../../src/lab/kit/draw.js';
import { type Job, jobWorker } from '../../../src/lab/kit/job-worker.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';

const RIGHT_SIZE = 'Math.max(1, os.availableParallelism() - 1)';

/** A background job that never ends (an index of everything), in a pool far larger than the machine. */
export function indexPool(draw: Draw, folder: string, sick: boolean): Piece {
  const { items } = draw.theme;
  const file = `${folder}/${draw.pick(['indexer', 'thumbnails', 'embeddings'])}`;
  const job = draw.pick(['start', 'run', 'launch']);
  const size = draw.pick([12, 16, 20]);
  const source = js`
    ${sick ? '' : "import os from 'node:os';"}
    import path from 'node:path';
    import { Worker } from 'node:worker_threads';

    const POOL_SIZE = ${sick ? size : RIGHT_SIZE};
    let done = 0;

    //@cause{
    function ${job}Worker(number«: number») {
      const worker = new Worker(path.join(import.meta.dirname, '${nameOf(file)}-worker{plain}'));
      worker.on('message', () => {
        done++;
        worker.postMessage({ batch: done + number });
      });
      worker.postMessage({ batch: number });
    }

    export function ${job}Pool() {
      for (let number = 0; number < POOL_SIZE; number++) ${job}Worker(number);
    }
    //@cause}

    export async function indexProgress() {
      return { ${items}: done };
    }
  `;
  const job2: Job = { ms: draw.int(20, 30), restMs: draw.int(14, 20) };
  return {
    modules: [
      { file, source },
      { file: `${file}-worker`, source: jobWorker(draw, job2), plain: true },
    ],
    boot: [{ call: `${job}Pool()`, from: file }],
    routes: [{ method: 'GET', path: '/progress', handler: 'indexProgress', module: file, weight: 2, examples: ['/progress'] }],
  };
}

/** A fresh worker thread for each tile of each picture. */
export function workerPerTile(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['tiles', 'preview', 'render'])}`;
  const handler = `${draw.pick(['render', 'draw', 'preview'])}${capital(item)}`;
  const tiles = draw.int(5, 7);
  const worker = `new Worker(path.join(import.meta.dirname, '${nameOf(file)}-worker{plain}'))`;
  const perTile = js`
    async function renderTile(batch«: number») {
      const worker = ${worker};
      worker.postMessage({ batch });
      const [tile] = await once(worker, 'message');
      await worker.terminate();
      return tile;
    }
  `;
  const queued = js`
    const worker = ${worker};
    let last = Promise.resolve();

    function renderTile(batch«: number») {
      last = last.then(async () => {
        worker.postMessage({ batch });
        const [tile] = await once(worker, 'message');
        return tile;
      });
      return last;
    }
  `;
  const source = js`
    import { once } from 'node:events';
    import path from 'node:path';
    import { Worker } from 'node:worker_threads';

    //@cause{
    ${(sick ? perTile : queued).trimEnd()}

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const tiles = await Promise.all(Array.from({ length: ${tiles} }, (_, i) => renderTile(Number(params.id) + i)));
      return { id: params.id, tiles: tiles.length };
    }
    //@cause}
  `;
  const path = `/${items}/:id/${draw.pick(['preview', 'image', 'map'])}`;
  const examples = [2, 17, 33].map((id) => path.replace(':id', String(id)));
  return {
    modules: [
      { file, source },
      { file: `${file}-worker`, source: jobWorker(draw, { ms: draw.int(7, 9), restMs: 0 }), plain: true },
    ],
    routes: [{ method: 'GET', path, handler, module: file, weight: 3, examples }],
  };
}

/** libuv's pool enlarged to dozens of threads, and a background job that fills it with key derivation. */
export function rehashUsers(draw: Draw, folder: string, sick: boolean): Piece {
  const { people } = draw.theme;
  const file = `${folder}/${draw.pick(['rehash', 'migrate', 'upgrade'])}`;
  const job = draw.pick(['rehashAll', 'upgradeHashes', 'migratePasswords']);
  const batch = draw.pick([24, 32, 40]);
  const rounds = draw.int(30, 40) * 1000;
  const derive = `derive(\`user-\${done + n}\`, '9d31', ${rounds}, 32, 'sha512')`;
  const work = sick
    ? `await Promise.all(Array.from({ length: ${batch} }, (_, n) => ${derive}));\ndone += ${batch};`
    : `const n = 1;\nawait ${derive};\ndone += 1;`;
  const source = js`
    import { pbkdf2 } from 'node:crypto';
    import { setTimeout as delay } from 'node:timers/promises';
    import { promisify } from 'node:util';

    const derive = promisify(pbkdf2);
    let done = 0;

    //@cause{
    export async function ${job}() {
      for (;;) {
        ${work}
        await delay(${draw.int(15, 25)});
      }
    }
    //@cause}

    export async function rehashProgress() {
      return { ${people}: done };
    }
  `;
  return {
    modules: [{ file, source }],
    boot: [{ call: `${job}()`, from: file }],
    env: { UV_THREADPOOL_SIZE: '48' },
    routes: [{ method: 'GET', path: '/progress', handler: 'rehashProgress', module: file, weight: 2, examples: ['/progress'] }],
  };
}

/** Each request's computation is cut into many pieces for many threads, as if that made it shorter. */
export function splitJobs(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['simulate', 'forecast', 'score'])}`;
  const handler = `${draw.pick(['forecast', 'simulate', 'score'])}${capital(item)}`;
  const threads = draw.pick([14, 16, 18]);
  const source = js`
    import { once } from 'node:events';
    ${sick ? '' : "import os from 'node:os';"}
    import path from 'node:path';
    import { Worker } from 'node:worker_threads';

    const PARTS = ${threads};
    const THREADS = ${sick ? 'PARTS' : RIGHT_SIZE};

    //@cause{
    const workers = Array.from({ length: THREADS }, () => new Worker(path.join(import.meta.dirname, '${nameOf(file)}-worker{plain}')));
    for (const worker of workers) worker.setMaxListeners(0);

    async function runPart(part«: number») {
      const worker = workers[part % THREADS];
      worker.postMessage({ batch: part });
      const [score] = await once(worker, 'message');
      return score;
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const parts = await Promise.all(Array.from({ length: PARTS }, (_, part) => runPart(part)));
      return { id: params.id, score: parts.reduce((a, b) => a + b, 0) / parts.length };
    }
    //@cause}
  `;
  const path = `/${items}/:id/${draw.pick(['forecast', 'outlook', 'score'])}`;
  const examples = [5, 21, 64].map((id) => path.replace(':id', String(id)));
  return {
    modules: [
      { file, source },
      { file: `${file}-worker`, source: jobWorker(draw, { ms: draw.int(9, 11), restMs: 0 }), plain: true },
    ],
    routes: [{ method: 'GET', path, handler, module: file, weight: 4, examples }],
  };
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
