import type { Draw } from '../../../src/lab/kit/draw.js';
import { jobWorker } from '../../../src/lab/kit/job-worker.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'worker-pool',
  'Computation in a pool of workers that fits the machine, with its queue in front of it',
  { queue: (draw, folder) => pool(draw, folder, draw.int(18, 26)), 'long-jobs': (draw, folder) => pool(draw, folder, draw.int(60, 80)) },
  (draw) => ({ ratePerS: draw.int(30, 40), warmupS: 2, durationS: 9 }),
);

function pool(draw: Draw, folder: string, ms: number): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['pool', 'compute', 'jobs'])}`;
  const handler = `${draw.pick(['analyse', 'rate', 'simulate'])}${capital(item)}`;
  const name = file.slice(file.lastIndexOf('/') + 1);
  const source = js`
    import { once } from 'node:events';
    import os from 'node:os';
    import path from 'node:path';
    import { Worker } from 'node:worker_threads';

    const SIZE = Math.max(1, os.availableParallelism() - 1);
    const idle = Array.from({ length: SIZE }, () => new Worker(path.join(import.meta.dirname, '${name}-worker{plain}')));
    const queue«: ((worker: Worker) => void)[]» = [];

    async function take() {
      return idle.pop() ?? new Promise«<Worker>»((resolve) => queue.push(resolve));
    }

    function give(worker«: Worker») {
      const next = queue.shift();
      if (next) next(worker);
      else idle.push(worker);
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const worker = await take();
      worker.postMessage({ batch: Number(params.id) });
      const [result] = await once(worker, 'message');
      give(worker);
      return { id: params.id, result };
    }
  `;
  const path = `/${items}/:id/${draw.pick(['analysis', 'rating', 'simulation'])}`;
  const examples = [7, 19, 52].map((id) => path.replace(':id', String(id)));
  return {
    modules: [
      { file, source },
      { file: `${file}-worker`, source: jobWorker(draw, { ms, restMs: 0 }), plain: true },
    ],
    // A third to a half of one core.
    routes: [{ method: 'GET', path, handler, module: file, weight: ms > 40 ? 3 : 10, examples }],
  };
}
