import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Route } from '../../../src/lab/scenario.js';
import { type Client, clientModule } from './clients.js';

/** `always`: every answer. `one-in-three`: the others are quick. `slow-body`: headers at once. `after-quick`: called after the quick service. */
export type Lateness = 'always' | 'one-in-three' | 'slow-body' | 'after-quick';

/** Two services are called with the same client by two routes; one of the services is late. */
export function downstreams(draw: Draw, folder: string, lateness: Lateness, sick: boolean): Piece {
  const { events, people } = draw.theme;
  const [late, quick] = draw.shuffle(['tax', 'rating', 'stock', 'payment', 'geo', 'fraud']) as [string, string];
  const client: Client = draw.pick(['fetch', 'http', 'undici']);
  const quickMs = draw.int(8, 45);
  const healthyMs = draw.int(8, 30);
  const lateMs = draw.int(300, 550);
  const gateway = `${folder}/${draw.pick(['gateway', 'client', 'remote'])}`;
  const asked = lateness === 'after-quick' ? [quick, late] : [late];
  return {
    modules: [
      { file: gateway, source: clientModule(client) },
      { file: `${folder}/${late}`, source: routeModule(gateway, asked, late, true) },
      { file: `${folder}/${quick}`, source: routeModule(gateway, [quick], quick, false) },
    ],
    routes: [routeOf(`/${events}/:id/${late}`, late, folder, 6), routeOf(`/${people}/:id/${quick}`, quick, folder, 5)],
    files: {
      [`${late}-service.mjs`]: serviceSource(late, lateness, sick ? lateMs : healthyMs, healthyMs),
      [`${quick}-service.mjs`]: serviceSource(quick, 'always', quickMs, quickMs),
    },
    companions: [late, quick].map((name) => ({ name, file: `${name}-service.mjs`, urlEnv: variableOf(name) })),
  };
}

function routeOf(path: string, service: string, folder: string, weight: number): Route {
  const examples = [4, 9, 31, 77].map((id) => path.replace(':id', String(id)));
  return { method: 'GET', path, handler: handlerOf(service), module: `${folder}/${service}`, weight, examples };
}

function routeModule(gateway: string, services: string[], service: string, guilty: boolean): string {
  const calls = services.map((name) => `const ${name} = await getJson(\`\${process.env.${variableOf(name)}}/${name}/\${params.id}\`);`);
  const source = js`
    import { getJson } from './${gateway.split('/').at(-1)}';

    //@cause{
    export async function ${handlerOf(service)}({ params }«: { params: Record<string, string> }») {
      ${calls.join('\n')}
      return { id: params.id, ${services.join(', ')} };
    }
    //@cause}
  `;
  return guilty ? source : source.replaceAll(/^ *\/\/@cause[{}]\n/gm, '');
}

function serviceSource(name: string, lateness: Lateness, ms: number, otherMs: number): string {
  const wait = lateness === 'one-in-three' ? `await delay(calls % 3 === 0 ? ${ms} : ${otherMs});` : `await delay(${ms});`;
  return js`
    import http from 'node:http';
    import { setTimeout as delay } from 'node:timers/promises';

    let calls = 0;

    const server = http.createServer(async (req, res) => {
      calls++;
      res.setHeader('content-type', 'application/json');
      ${lateness === 'slow-body' ? `res.write('{"service":"${name}",');\n${wait}` : `${wait}\nres.write('{"service":"${name}",');`}
      res.end(\`"path":\${JSON.stringify(req.url)}}\`);
    });

    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
      console.log(\`listening on \${server.address().port}\`);
    });
  `;
}

const handlerOf = (service: string) => `with${capital(service)}`;
const variableOf = (service: string) => `${service.toUpperCase()}_URL`;
