import type { Draw } from '../../../src/lab/kit/draw.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'retried-calls',
  'Another service refuses one call in twenty; it is asked again at once and answers',
  { 'at-once': (draw, folder) => retried(draw, folder, 0), 'after-a-pause': (draw, folder) => retried(draw, folder, draw.int(10, 20)) },
  (draw) => ({ ratePerS: draw.int(30, 40), warmupS: 2, durationS: 9 }),
);

function retried(draw: Draw, folder: string, pauseMs: number): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['remote', 'stockroom', 'supplier'])}`;
  const handler = `supply${capital(item)}`;
  const source = js`
    import { setTimeout as delay } from 'node:timers/promises';

    async function ask(id«: string», triesLeft«: number»)«: Promise<unknown>» {
      const response = await fetch(\`\${process.env.SUPPLIER_URL}/${items}/\${id}\`);
      if (response.ok) return response.json();
      await response.body?.cancel();
      if (triesLeft === 0) throw new Error(\`supplier answered \${response.status}\`);
      await delay(${pauseMs});
      return ask(id, triesLeft - 1);
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      return { id: params.id, supply: await ask(params.id, 2) };
    }
  `;
  const supplier = js`
    import http from 'node:http';

    let calls = 0;
    const server = http.createServer((req, res) => {
      calls++;
      if (calls % 20 === 0) res.writeHead(503).end();
      else setTimeout(() => res.end(JSON.stringify({ path: req.url, stock: calls % 7 })), ${draw.int(4, 12)});
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(\`listening on \${server.address().port}\`));
  `;
  const path = `/${items}/:id/supply`;
  return {
    ...getRoute(file, source, { path, handler, weight: 10, examples: withIds(path, [2, 8, 29]) }),
    files: { 'supplier.mjs': supplier },
    companions: [{ name: 'supplier', file: 'supplier.mjs', urlEnv: 'SUPPLIER_URL' }],
  };
}
