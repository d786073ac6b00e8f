import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import { healthy } from '../../../src/lab/kit/well.js';

export const scenario = healthy(
  'fan-out',
  'Most of the time is spent in calls to other services, and they are quick',
  { parallel: (draw, folder) => fanOut(draw, folder, true), sequence: (draw, folder) => fanOut(draw, folder, false) },
  (draw) => ({ ratePerS: draw.int(25, 35), warmupS: 2, durationS: 8 }),
);

function fanOut(draw: Draw, folder: string, parallel: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['aggregate', 'compose', 'overview'])}`;
  const services = draw.shuffle(['price', 'stock', 'reviews', 'media', 'delivery']).slice(0, parallel ? 4 : 2);
  const handler = `compose${capital(item)}`;
  const asked = parallel
    ? `const parts = await Promise.all(SERVICES.map((service) => ask(service, params.id)));`
    : `const parts = [];\nfor (const service of SERVICES) parts.push(await ask(service, params.id));`;
  const source = js`
    const SERVICES = [${services.map((name) => `'${name}'`).join(', ')}];

    async function ask(service«: string», id«: string») {
      const response = await fetch(\`\${process.env.BACKEND_URL}/\${service}/\${id}\`);
      return response.json();
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      ${asked}
      return { id: params.id, ...Object.fromEntries(SERVICES.map((service, i) => [service, parts[i]])) };
    }
  `;
  const backend = js`
    import http from 'node:http';

    const server = http.createServer((req, res) => {
      setTimeout(() => res.end(JSON.stringify({ path: req.url })), ${draw.int(6, 18)});
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(\`listening on \${server.address().port}\`));
  `;
  const path = `/${items}/:id/full`;
  const examples = [3, 14, 15, 92].map((id) => path.replace(':id', String(id)));
  return {
    modules: [{ file, source }],
    files: { 'backend.mjs': backend },
    companions: [{ name: 'backend', file: 'backend.mjs', urlEnv: 'BACKEND_URL' }],
    routes: [{ method: 'GET', path, handler, module: file, weight: 9, examples }],
  };
}
