import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { honestWork } from '../../../src/lab/kit/work.js';
import type { Scenario } from '../../../src/lab/scenario.js';

const CAUSES = { 'polite-job': politeJob, 'lowest-of-all': lowestOfAll };

export const scenario: Scenario = {
  id: 'cpu/low-priority',
  rule: 'cpu/low-priority',
  title: 'The server has given itself a low priority, and batch work on the same machine goes before it',
  needs: ['linux'],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const work = honestWork(draw, folder, { ms: draw.int(4, 6), weight: 12 });
    const cause = draw.inTurn(Object.values(CAUSES))(draw, folder, sick);
    const piece: Piece = {
      ...cause,
      modules: [...work.modules, ...cause.modules],
      routes: [...work.routes, ...cause.routes],
      files: { 'batch.mjs': batch() },
      companions: [{ name: 'batch', file: 'batch.mjs', count: draw.int(3, 4) }],
    };
    return ordinaryApp(draw, folder, piece, { ratePerS: draw.int(30, 40), warmupS: 2, durationS: 9 });
  },
};

/** A refresh in the background is meant to be polite, and makes the whole server so. */
function politeJob(draw: Draw, folder: string, sick: boolean): Piece {
  const file = `${folder}/${draw.pick(['refresh', 'warmer', 'sync'])}`;
  const level = draw.int(15, 18);
  const source = js`
    import os from 'node:os';

    const state = { runs: 0 };

    export function startRefresh() {
      ${sick ? `os.setPriority(${level});` : `state.runs = 0;`} //@cause
      setInterval(() => state.runs++, 500).unref();
    }

    export async function refreshState() {
      return { runs: state.runs, cores: os.cpus().length };
    }
  `;
  const path = `/${draw.pick(['refresh', 'jobs'])}/state`;
  return {
    modules: [{ file, source }],
    routes: [{ method: 'GET', path, handler: 'refreshState', module: file, weight: 2, examples: [path] }],
    boot: [{ call: 'startRefresh()', from: file }],
  };
}

function lowestOfAll(draw: Draw, folder: string, sick: boolean): Piece {
  const file = `${folder}/${draw.pick(['settings', 'runtime', 'limits'])}`;
  const source = js`
    import os from 'node:os';

    const low = os.constants.priority.PRIORITY_LOW;
    ${sick ? 'os.setPriority(process.pid, low);' : 'process.title = `server ${low}`;'} //@cause

    export async function runtimeState() {
      return { uptimeS: Math.round(process.uptime()), priority: os.getPriority() };
    }
  `;
  const path = `/${draw.pick(['status', 'runtime'])}`;
  return {
    modules: [{ file, source }],
    routes: [{ method: 'GET', path, handler: 'runtimeState', module: file, weight: 2, examples: [path] }],
  };
}

/** Always wants a core, and is polite about it; gone after a minute or with its parent, whatever happens. */
function batch(): string {
  return js`
    import os from 'node:os';

    os.setPriority(10);
    const parent = process.ppid;

    function work() {
      const end = performance.now() + 200;
      let x = 0;
      while (performance.now() < end) for (let i = 0; i < 10_000; i++) x = Math.sqrt(x + i);
      if (process.ppid === parent) setTimeout(work, 0);
    }

    setTimeout(() => process.exit(), 60_000);
    console.log('ready');
    work();
  `;
}
