import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

const CAUSES = { 'change-bus': changeBus, 'shutdown-hook': shutdownHook };

export const scenario: Scenario = {
  id: 'memory/listener-leak',
  rule: 'memory/listener-leak',
  title: 'A listener is added for each request to an emitter that lives as long as the process',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES));
    const load = { ratePerS: draw.int(25, 60), warmupS: 3, durationS: 8 };
    return ordinaryApp(draw, folder, cause(draw, folder, sick), load);
  },
};

function changeBus(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items, event } = draw.theme;
  const file = `${folder}/${draw.pick(['live', 'updates', 'changes'])}`;
  const handler = `watch${capital(item)}`;
  const bus = draw.pick(['bus', 'changes', 'hub']);
  const source = js`
    import { EventEmitter } from 'node:events';

    const ${bus} = new EventEmitter();
    setInterval(() => ${bus}.emit('${event}', { at: Date.now() }), ${draw.int(500, 900)}).unref();

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      let seen = 0;
      const on${capital(event)} = () => {
        seen++;
      };
      ${bus}.on('${event}', on${capital(event)}); //@cause
      await new Promise((resolve) => setTimeout(resolve, ${draw.int(3, 8)}));
      ${sick ? '' : `${bus}.off('${event}', on${capital(event)});`}
      return { ${item}: params.id, seen };
    }
  `;
  const path = `/${items}/:id/${draw.pick(['watch', 'live', 'changes'])}`;
  return getRoute(file, source, { path, handler, weight: 8, examples: withIds(path, [3, 8, 21, 40]) });
}

/** Every unit of work wants to know of the shutdown, also when it has long been done. */
function shutdownHook(draw: Draw, folder: string, sick: boolean): Piece {
  const { people, person, event } = draw.theme;
  const file = `${folder}/${draw.pick(['work', 'jobs', 'tasks'])}`;
  const handler = `start${capital(event)}`;
  const source = js`
    async function untilDone(work«: Promise<void>») {
      let stopping = false;
      const stop = () => {
        stopping = true;
      };
      process.on('beforeExit', stop); //@cause
      await work;
      ${sick ? '' : "process.off('beforeExit', stop);"}
      return stopping;
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const work = new Promise«<void>»((resolve) => setTimeout(resolve, ${draw.int(2, 6)}));
      return { ${person}: params.id, interrupted: await untilDone(work) };
    }
  `;
  const path = `/${people}/:id/${draw.pick(['start', 'run', 'begin'])}`;
  return getRoute(file, source, { path, handler, weight: 8, examples: withIds(path, [3, 8, 21, 40]) });
}
