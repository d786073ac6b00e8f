import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

const CAUSES = { 'early-return': earlyReturn, 'watcher-object': watcherObject };

export const scenario: Scenario = {
  id: 'memory/timer-leak',
  rule: 'memory/timer-leak',
  title: 'An interval is begun for each request and goes on for ever after it',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES));
    const load = { ratePerS: draw.int(25, 60), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, cause(draw, folder, sick), load);
  },
};

/** Polls until it is ready, and where it is ready at once it forgets that it polls. */
function earlyReturn(draw: Draw, folder: string, sick: boolean): Piece {
  const { item, items, event } = draw.theme;
  const file = `${folder}/${draw.pick(['waiting', 'polling', 'follow'])}`;
  const handler = `await${capital(event)}`;
  const source = js`
    const ready = new Map«<string, boolean>»();

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      let looked = 0;
      const timer = setInterval(() => { //@cause
        looked++;
        ready.set(params.id, true);
      }, ${draw.int(400, 900)});
      timer.unref();
      await new Promise((resolve) => setTimeout(resolve, ${draw.int(3, 8)}));
      ${sick ? 'if (params.id.length > 5) clearInterval(timer);' : 'clearInterval(timer);'}
      return { ${item}: params.id, ready: ready.get(params.id) ?? false, looked };
    }
  `;
  const path = `/${items}/:id/${draw.pick(['ready', 'wait', 'status'])}`;
  return getRoute(file, source, { path, handler, weight: 8, examples: withIds(path, [3, 8, 21, 40]) });
}

/** An object with a heartbeat of its own is made per request; its owner must stop it. */
function watcherObject(draw: Draw, folder: string, sick: boolean): Piece {
  const { people, person } = draw.theme;
  const file = `${folder}/${draw.pick(['session', 'lease', 'presence'])}`;
  const handler = `open${capital(person)}`;
  const name = draw.pick(['Lease', 'Session', 'Presence']);
  const source = js`
    class ${name} {
      «beats = 0;
      timer: NodeJS.Timeout;
      id: string;
      »constructor(id«: string») {
        this.id = id;
        this.beats = 0;
        this.timer = setInterval(() => this.beat(), ${draw.int(800, 1600)}); //@cause
      }
      beat() {
        this.beats++;
      }
      close() {
        clearInterval(this.timer);
      }
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      const held = new ${name}(params.id);
      await new Promise((resolve) => setTimeout(resolve, ${draw.int(2, 6)}));
      ${sick ? '' : 'held.close();'}
      return { ${person}: held.id, beats: held.beats };
    }
  `;
  const path = `/${people}/:id/${draw.pick(['lease', 'presence', 'hold'])}`;
  return getRoute(file, source, { path, handler, weight: 8, examples: withIds(path, [3, 8, 21, 40]) });
}
