import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { inPostgres, overHttp } from './origins.js';

/** What is cached, and how it comes to an end. */
const CAUSES = ['one-for-all', 'database', 'per-item', 'emptied'] as const;
type Cause = (typeof CAUSES)[number];

export const scenario: Scenario = {
  id: 'cache/cache-stampede',
  rule: 'cache/cache-stampede',
  title: 'A cached answer expires, and until a new one is there every request asks for it',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(120, 150), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, cachedRoute(draw, folder, draw.inTurn(CAUSES), sick), load);
  },
};

/** Two thirds of the requests go there. */
const WEIGHT = 36;

function cachedRoute(draw: Draw, folder: string, cause: Cause, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const ask = `${draw.pick(['compute', 'load', 'collect'])}Figures`;
  const { source, ...beside } = cause === 'database' ? inPostgres(draw, ask, draw.int(50, 65)) : overHttp(draw, ask, draw.int(55, 70));
  const origin = `${folder}/${draw.pick(['figures', 'reporting', 'statistics'])}`;
  const cache = `${folder}/${draw.pick(['cache', 'memory', 'keep'])}`;
  const file = `${folder}/${draw.pick(['dashboard', 'overview', 'landing'])}`;
  const handler = `show${capital(item)}Figures`;
  const perItem = cause === 'per-item';
  const key = perItem ? `params.id` : `'${items}'`;
  const handlerSource = js`
    import { cached } from './${cache.split('/').at(-1)}';
    import { ${ask} } from './${origin.split('/').at(-1)}';

    export async function ${handler}(${perItem ? '{ params }«: { params: Record<string, string> }»' : ''}) {
      return { figures: await cached(${key}, () => ${ask}(${key})) }; //@cause
    }
  `;
  const path = perItem ? `/${items}/:id/figures` : `/${items}-figures`;
  return {
    ...beside,
    modules: [
      { file: origin, source },
      { file: cache, source: cacheSource(cause, draw.int(9, 13) * 100, sick) },
      { file, source: handlerSource },
    ],
    ...(cause === 'emptied' ? { boot: [{ call: 'startEmptying()', from: cache }] } : {}),
    routes: [{ method: 'GET', path, handler, module: file, weight: WEIGHT, examples: perItem ? withIds(path, [7, 12]) : [path] }],
  };
}

/** The whole difference: whether those who come while it is fetched wait for the same answer or ask for one of their own. */
function cacheSource(cause: Cause, ttlMs: number, sick: boolean): string {
  const emptied = cause === 'emptied';
  const fetched = sick ? 'load()' : '(underWay.get(key) ?? begin(key, load))';
  const begin = js`
    const underWay = new Map«<string, Promise<unknown>>»();

    function begin(key«: string», load«: () => Promise<unknown>») {
      const value = load().finally(() => underWay.delete(key));
      underWay.set(key, value);
      return value;
    }
  `;
  return js`
    const entries = new Map«<string, { value: unknown; freshUntil: number }>»();
    ${sick ? '' : begin}

    //@cause{
    export async function cached(key«: string», load«: () => Promise<unknown>») {
      const entry = entries.get(key);
      if (entry && entry.freshUntil > Date.now()) return entry.value;
      const value = await ${fetched};
      entries.set(key, { value, freshUntil: Date.now() + ${emptied ? 600_000 : ttlMs} });
      return value;
    }
    //@cause}

    ${emptied ? `export function startEmptying() {\n  setInterval(() => entries.clear(), ${ttlMs});\n}` : ''}
  `;
}
