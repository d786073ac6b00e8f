import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

/** How the calls are begun. */
const CAUSES = ['map', 'loop', 'settled'] as const;
type Cause = (typeof CAUSES)[number];

export const scenario: Scenario = {
  id: 'concurrency/unbounded-concurrency',
  rule: 'concurrency/unbounded-concurrency',
  title: 'An export asks another service for every row at once, and whoever needs that service waits behind it',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(18, 24), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, exported(draw, folder, draw.inTurn(CAUSES), sick), load);
  },
};

function exported(draw: Draw, folder: string, cause: Cause, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const service = draw.pick(['stock', 'price', 'rating', 'location']);
  const rows = draw.int(170, 230);
  const variable = `${service.toUpperCase()}_URL`;
  const gateway = `${folder}/${draw.pick(['gateway', 'client', 'remote'])}`;
  const file = `${folder}/${draw.pick(['export', 'report', 'feed'])}`;
  const shown = `show${capital(service)}`;
  const handler = `${draw.pick(['export', 'list', 'collect'])}${capital(service)}`;
  const ask = `get${capital(service)}`;
  const calls = js`
    export async function ${ask}(id«: number | string»)«: Promise<unknown>» {
      const response = await fetch(\`\${process.env.${variable}}/${service}/\${id}\`);
      return response.json();
    }

    export async function ${ask}OfAll(ids«: number[]»)«: Promise<unknown[]>» {
      const response = await fetch(\`\${process.env.${variable}}/all?first=\${ids[0]}&count=\${ids.length}\`);
      return response.json()«as Promise<unknown[]>»;
    }
  `;
  const source = js`
    import { ${ask}, ${ask}OfAll } from './${gateway.split('/').at(-1)}';

    const ids = Array.from({ length: ${rows} }, (_, i) => i + 1);

    export async function ${shown}({ params }«: { params: Record<string, string> }») {
      return { id: params.id, ${service}: await ${ask}(params.id) };
    }

    export async function ${handler}() {
      ${sick ? begun(cause, ask) : `const rows = await ${ask}OfAll(ids);`}
      return { rows: rows.length };
    }
  `;
  const one = `/${items}/:id/${service}`;
  return {
    modules: [
      { file: gateway, source: calls },
      { file, source },
    ],
    files: { [`${service}-service.mjs`]: serviceSource(draw.int(8, 12), draw.int(6, 9)) },
    companions: [{ name: service, file: `${service}-service.mjs`, urlEnv: variable }],
    routes: [
      { method: 'GET', path: one, handler: shown, module: file, weight: 8, examples: withIds(one, [3, 8, 21, 90]) },
      { method: 'GET', path: `/${item}-${service}.json`, handler, module: file, weight: 3, examples: [`/${item}-${service}.json`] },
    ],
  };
}

function begun(cause: Cause, ask: string): string {
  if (cause === 'map') return `const rows = await Promise.all(ids.map((id) => ${ask}(id))); //@cause`;
  if (cause === 'settled') return `const rows = await Promise.allSettled(ids.map(${ask})); //@cause`;
  return js`
    //@cause{
    const calls = [];
    for (const id of ids) calls.push(${ask}(id));
    const rows = await Promise.all(calls);
    //@cause}
  `.trimEnd();
}

/** Works on so many at a time; the others wait their turn. */
function serviceSource(slots: number, ms: number): string {
  return js`
    import http from 'node:http';

    const SLOTS = ${slots};
    let busy = 0;
    const waiting = [];

    function work(done) {
      busy++;
      setTimeout(() => {
        busy--;
        done();
        if (waiting.length > 0) work(waiting.shift());
      }, ${ms});
    }

    const server = http.createServer((req, res) => {
      const url = new URL(req.url, 'http://localhost');
      const count = Number(url.searchParams.get('count') ?? 0);
      const answer = () => res.end(JSON.stringify(count > 0 ? Array.from({ length: count }, (_, i) => ({ id: i })) : { path: req.url }));
      if (busy < SLOTS) work(answer);
      else waiting.push(answer);
    });

    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
      console.log(\`listening on \${server.address().port}\`);
    });
  `;
}
