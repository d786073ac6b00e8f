import type { Draw } from '../../../src/lab/kit/draw.js';
import { jobWorker } from '../../../src/lab/kit/job-worker.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

const CAUSES = { 'worker-data': workerData, 'post-and-terminate': postAndTerminate };

export const scenario: Scenario = {
  id: 'threads/worker-per-request',
  rule: 'threads/worker-per-request',
  title: 'Each request starts a worker thread and waits until it is up, for a job shorter than that',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES));
    return ordinaryApp(draw, folder, cause(draw, folder, sick), { ratePerS: draw.int(18, 24), warmupS: 2, durationS: 8 });
  },
};

/** What the worker is to do is given to it at birth; the healthy one is told by messages. */
function workerData(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const name = draw.pick(['forecast', 'estimate', 'layout']);
  const file = `${folder}/${name}`;
  const handler = `${name}${capital(item)}`;
  const rounds = draw.int(20, 30) * 10_000;
  const run = draw.pick(['runWorker', 'inThread', 'compute']);
  const each = js`
    async function ${run}(seed«: number») {
      const worker = new Worker(path.join(import.meta.dirname, '${name}-worker{plain}'), { workerData: seed });
      const [result] = await once(worker, 'message');
      return result;
    }
  `;
  const kept = js`
    const worker = new Worker(path.join(import.meta.dirname, '${name}-worker{plain}'));
    let last«: Promise<unknown>» = Promise.resolve();

    function ${run}(seed«: number») {
      const result = last.then(async () => {
        worker.postMessage(seed);
        return (await once(worker, 'message'))[0];
      });
      last = result;
      return result;
    }
  `;
  const source = js`
    import { once } from 'node:events';
    import path from 'node:path';
    import { Worker } from 'node:worker_threads';

    //@cause{
    ${(sick ? each : kept).trimEnd()}

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      return { id: params.id, result: await ${run}(Number(params.id)) };
    }
    //@cause}
  `;
  const worker = js`
    import { parentPort${sick ? ', workerData' : ''} } from 'node:worker_threads';

    function compute(seed) {
      let sum = seed;
      for (let i = 1; i < ${rounds}; i++) sum += Math.sqrt(seed * i) % 7;
      return sum;
    }

    ${sick ? 'parentPort.postMessage(compute(workerData));' : "parentPort.on('message', (seed) => parentPort.postMessage(compute(seed)));"}
  `;
  const path = `/${items}/:id/${draw.pick(['forecast', 'estimate', 'plan'])}`;
  const piece = getRoute(file, source, { path, handler, weight: 5, examples: withIds(path, [2, 18, 61]) });
  return { ...piece, modules: [...piece.modules, { file: `${file}-worker`, source: worker, plain: true }] };
}

/** The job is posted to a fresh worker that is ended after it; the healthy one stays and has a queue before it. */
function postAndTerminate(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const name = draw.pick(['thumbs', 'digest', 'ranking']);
  const file = `${folder}/${name}`;
  const handler = `${draw.pick(['analyse', 'rate', 'digest'])}${capital(item)}`;
  const start = `new Worker(path.join(import.meta.dirname, '${name}-worker{plain}'))`;
  const source = js`
    import { once } from 'node:events';
    import path from 'node:path';
    import { Worker } from 'node:worker_threads';

    ${sick ? '' : `const worker = ${start};\nlet last«: Promise<unknown>» = Promise.resolve();`}

    //@cause{
    async function run(batch«: number») {
      ${sick ? `const worker = ${start};` : ''}
      worker.postMessage({ batch });
      const [result] = await once(worker, 'message');
      ${sick ? 'await worker.terminate();' : ''}
      return result;
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      ${sick ? 'const result = await run(Number(params.id));' : 'const result = await (last = last.then(() => run(Number(params.id))));'}
      return { id: params.id, result };
    }
    //@cause}
  `;
  const path = `/${items}/:id/${draw.pick(['analysis', 'rating', 'digest'])}`;
  const piece = getRoute(file, source, { path, handler, weight: 5, examples: withIds(path, [7, 29, 53]) });
  const worker = jobWorker(draw, { ms: draw.int(5, 8), restMs: 0 });
  return { ...piece, modules: [...piece.modules, { file: `${file}-worker`, source: worker, plain: true }] };
}
