import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

/** What is asked for: one service each, several paths of one service, or files and a service. */
const CAUSES = ['services', 'one-service', 'with-checks'] as const;

export const scenario: Scenario = {
  id: 'concurrency/sequential-awaits',
  rule: 'concurrency/sequential-awaits',
  title: 'A page asks three or four sources one after another, though none needs the answer of another',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(20, 45), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, page(draw, folder, draw.inTurn(CAUSES), sick), load);
  },
};

function page(draw: Draw, folder: string, cause: (typeof CAUSES)[number], sick: boolean): Piece {
  const { item, items } = draw.theme;
  const asked = draw.shuffle(['price', 'stock', 'reviews', 'offers', 'seller', 'media']).slice(0, draw.int(3, 4));
  const ms = asked.map(() => draw.int(35, 70));
  const one = cause === 'one-service' || draw.chance(0.3);
  const client = draw.pick(['fetch', 'http'] as const);
  const gateway = `${folder}/${draw.pick(['gateway', 'client', 'remote'])}`;
  const file = `${folder}/${draw.pick(['page', 'detail', 'overview'])}`;
  const handler = `${draw.pick(['show', 'render', 'compose'])}${capital(item)}`;
  const call = (name: string): string => `get${capital(name)}(params.id)`;
  const check = cause === 'with-checks' ? "\nif (!/^\\d+$/.test(params.id)) return { error: 'no such id' };" : '';
  const waits = sick
    ? asked.map((name) => `const ${name} = await ${call(name)}; //@cause`).join('\n')
    : `const [${asked.join(', ')}] = await Promise.all([${asked.map(call).join(', ')}]);`;
  const source = js`
    import { getJson } from './${gateway.split('/').at(-1)}';

    ${asked
      .map(
        (name) =>
          `const get${capital(name)} = (id«: string») => getJson(\`\${process.env.${variableOf(one ? 'catalogue' : name)}}/${name}/\${id}\`);`,
      )
      .join('\n')}

    export async function ${handler}({ params }«: { params: Record<string, string> }») {${check ? `\n      ${check.trim()}` : ''}
      ${waits}
      return { id: params.id, ${asked.join(', ')} };
    }
  `;
  const path = `/${items}/:id/${draw.pick(['page', 'full', 'overview'])}`;
  const services = one
    ? [{ name: 'catalogue', delays: asked.map((name, i) => [name, ms[i]!]) }]
    : asked.map((name, i) => ({ name, delays: [[name, ms[i]!]] }));
  const piece = getRoute(file, source, { path, handler, weight: 8, examples: withIds(path, [4, 9, 31, 77]) });
  return {
    ...piece,
    modules: [{ file: gateway, source: CLIENTS[client] }, ...piece.modules],
    files: Object.fromEntries(services.map(({ name, delays }) => [`${name}-service.mjs`, serviceSource(Object.fromEntries(delays))])),
    companions: services.map(({ name }) => ({ name, file: `${name}-service.mjs`, urlEnv: variableOf(name) })),
  };
}

const variableOf = (service: string) => `${service.toUpperCase()}_URL`;

function serviceSource(delays: Record<string, number>): string {
  return js`
    import http from 'node:http';
    import { setTimeout as delay } from 'node:timers/promises';

    const delays = ${JSON.stringify(delays).replaceAll('"', "'").replaceAll(',', ', ')};

    const server = http.createServer(async (req, res) => {
      await delay(delays[req.url.split('/')[1]] ?? 1);
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ path: req.url }));
    });

    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
      console.log(\`listening on \${server.address().port}\`);
    });
  `;
}

const CLIENTS = {
  fetch: js`
    export async function getJson(url«: string») {
      const response = await fetch(url);
      if (!response.ok) throw new Error(\`\${url} answered \${response.status}\`);
      return response.json();
    }
  `,
  http: js`
    import http from 'node:http';

    const agent = new http.Agent({ keepAlive: true });

    export function getJson(url«: string») {
      return new Promise((resolve, reject) => {
        const request = http.get(url, { agent }, (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve(JSON.parse(text)));
        });
        request.on('error', reject);
      });
    }
  `,
};
