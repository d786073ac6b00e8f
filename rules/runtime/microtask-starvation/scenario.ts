import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

const CAUSES = { 'next-tick': nextTick, 'settled-await': settledAwait, 'queued-microtask': queuedMicrotask };

export const scenario: Scenario = {
  id: 'runtime/microtask-starvation',
  rule: 'runtime/microtask-starvation',
  title: 'Work cut into ticks or continuations that all run before the loop goes on',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES));
    return ordinaryApp(draw, folder, cause(draw, folder, sick), { ratePerS: draw.int(35, 50), warmupS: 2, durationS: 8 });
  },
};

/** Thousands of readings and what is made of one of them. */
function work(name: string, count: number): string {
  return js`
    const readings = Array.from({ length: ${count} }, (_, i) => 500 + ((i * 7919) % 1009));

    function ${name}(reading«: number», sums«: Float64Array») {
      for (let i = 0; i < 2000; i++) sums[i & 15] += Math.sqrt(reading * (i + 1)) % 7;
    }
  `;
}

/** "In batches, so that others get their turn." They do not. */
function nextTick(draw: Draw, folder: string, sick: boolean): Piece {
  const { items } = draw.theme;
  const file = `${folder}/${draw.pick(['batches', 'figures', 'import'])}`;
  const handler = `${draw.pick(['sum', 'index', 'digest'])}${capital(items)}`;
  const next = draw.pick(['step', 'nextBatch', 'work']);
  const size = draw.pick([3, 5, 8]);
  const source = js`
    ${work('add', draw.int(4500, 5500))}

    //@cause{
    function ${next}(from«: number», sums«: Float64Array», done«: (sums: Float64Array) => void»)«: void» {
      const until = Math.min(from + ${size}, readings.length);
      for (let i = from; i < until; i++) add(readings[i], sums);
      if (until === readings.length) done(sums);
      else ${sick ? `process.nextTick(${next}, until, sums, done)` : `setImmediate(${next}, until, sums, done)`};
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const sums = await new Promise«<Float64Array>»((resolve) => ${next}(0, new Float64Array(16), resolve));
      return { id: params.id, sum: sums[Number(params.id) & 15] };
    }
    //@cause}
  `;
  const path = `/${items}/:id/${draw.pick(['sum', 'digest', 'totals'])}`;
  return getRoute(file, source, { path, handler, weight: 2, examples: [1, 7, 12].map((id) => path.replace(':id', String(id))) });
}

/** Awaits what is there already, in a loop over everything. */
function settledAwait(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['pipeline', 'scores', 'report'])}`;
  const handler = `${draw.pick(['score', 'rate', 'report'])}${capital(items)}`;
  const one = draw.pick(['scoreOf', 'valueOf', 'enrich']);
  const every = draw.pick([20, 25, 40]);
  const source = js`
    ${work('add', draw.int(4500, 5500))}

    //@cause{
    async function ${one}(${item}«: number», sums«: Float64Array») {
      add(${item}, sums);
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const sums = new Float64Array(16);
      for (let i = 0; i < readings.length; i++) {
        await ${one}(readings[i], sums);
        ${sick ? '' : `if (i % ${every} === 0) await new Promise((resolve) => setImmediate(resolve));`}
      }
      return { id: params.id, sum: sums[Number(params.id) & 15] };
    }
    //@cause}
  `;
  const path = `/${items}/:id/${draw.pick(['score', 'rating', 'report'])}`;
  return getRoute(file, source, { path, handler, weight: 2, examples: [2, 5, 11].map((id) => path.replace(':id', String(id))) });
}

/** A queue of its own that is worked off by microtasks. */
function queuedMicrotask(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['scheduler', 'queue', 'jobs'])}`;
  const handler = `${draw.pick(['process', 'refresh', 'check'])}${capital(items)}`;
  const drain = draw.pick(['drain', 'runNext', 'pump']);
  const source = js`
    ${work('add', draw.int(4500, 5500))}

    //@cause{
    function ${drain}(jobs«: (() => void)[]», done«: () => void»)«: void» {
      for (let i = 0; i < 10; i++) jobs.pop()?.();
      if (jobs.length === 0) done();
      else ${sick ? 'queueMicrotask' : 'setImmediate'}(() => ${drain}(jobs, done));
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const sums = new Float64Array(16);
      const jobs = readings.map((${item}) => () => add(${item}, sums));
      await new Promise«<void>»((resolve) => ${drain}(jobs, resolve));
      return { id: params.id, sum: sums[Number(params.id) & 15] };
    }
    //@cause}
  `;
  const path = `/${items}/:id/${draw.pick(['refresh', 'check', 'jobs'])}`;
  return getRoute(file, source, { path, handler, weight: 2, examples: [3, 8, 14].map((id) => path.replace(':id', String(id))) });
}
