import type { Draw } from '../../../src/lab/kit/draw.js';
import { js } from '../../../src/lab/kit/source.js';
import type { App } from '../../../src/lab/scenario.js';

/** A module that exports `name(id)`: asks a service that never answers for some ids, with a deadline or without. */
export interface CallModule extends Partial<Pick<App, 'files' | 'companions' | 'services'>> {
  source: string;
}

export interface CallUse {
  name: string;
  deadlineMs: number | null;
  quickMs: number;
}

export const CLIENTS: Record<string, (draw: Draw, use: CallUse) => CallModule> = {
  fetch: byFetch,
  http: byHttp,
  undici: byUndici,
  tcp: byTcp,
  pg: byPg,
};

function byFetch({ theme: { items } }: Draw, { name, deadlineMs, quickMs }: CallUse): CallModule {
  return {
    ...service(quickMs),
    source: js`
      export async function ${name}(id«: string») {
        const response = await fetch(\`\${process.env.RATES_URL}/${items}/\${id}\`${deadlineMs ? `, { signal: AbortSignal.timeout(${deadlineMs}) }` : ''}); //@cause
        return response.json();
      }
    `,
  };
}

function byHttp({ theme: { items } }: Draw, { name, deadlineMs, quickMs }: CallUse): CallModule {
  return {
    ...service(quickMs),
    source: js`
      import http from 'node:http';

      const agent = new http.Agent({ keepAlive: true });

      export function ${name}(id«: string») {
        return new Promise«<unknown>»((resolve, reject) => {
          //@cause{
          const request = http.get(\`\${process.env.RATES_URL}/${items}/\${id}\`, { agent }, (response) => {
            let text = '';
            response.setEncoding('utf8');
            response.on('data', (chunk) => {
              text += chunk;
            });
            response.on('end', () => resolve(JSON.parse(text)));
          });
          //@cause}
          request.on('error', reject);
          ${deadlineMs ? `request.setTimeout(${deadlineMs}, () => request.destroy(new Error('timed out')));` : ''}
        });
      }
    `,
  };
}

function byUndici({ theme: { items } }: Draw, { name, deadlineMs, quickMs }: CallUse): CallModule {
  return {
    ...service(quickMs),
    source: js`
      import { request } from 'undici';

      export async function ${name}(id«: string») {
        const { body } = await request(\`\${process.env.RATES_URL}/${items}/\${id}\`${deadlineMs ? `, { signal: AbortSignal.timeout(${deadlineMs}) }` : ''}); //@cause
        return body.json();
      }
    `,
  };
}

function byTcp(_: Draw, { name, deadlineMs, quickMs }: CallUse): CallModule {
  const rates = js`
    import net from 'node:net';

    const server = net.createServer((socket) => {
      socket.setEncoding('utf8').on('data', (id) => {
        if (Number(id) % 7 !== 0) setTimeout(() => socket.write('rate of ' + id), ${quickMs});
      });
      socket.on('error', () => {});
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
  return {
    files: { 'rates.mjs': rates },
    companions: [{ name: 'rates', file: 'rates.mjs', urlEnv: 'RATES_URL' }],
    source: js`
      import net from 'node:net';

      export function ${name}(id«: string») {
        const { hostname, port } = new URL(process.env.RATES_URL«!»);
        return new Promise«<string>»((resolve, reject) => {
          const socket = net.connect(Number(port), hostname, () => {
            socket.write(id); //@cause
          });
          socket.setEncoding('utf8').once('data', (text) => {
            socket.destroy();
            resolve(String(text));
          });
          socket.once('error', reject);
          ${deadlineMs ? `socket.setTimeout(${deadlineMs}, () => socket.destroy(new Error('timed out')));` : ''}
        });
      }
    `,
  };
}

function byPg(_: Draw, { name, deadlineMs, quickMs }: CallUse): CallModule {
  return {
    services: ['postgres'],
    source: js`
      import pg from 'pg';

      const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: 80${deadlineMs ? `, query_timeout: ${deadlineMs}` : ''} });

      export async function ${name}(id«: string») {
        const seconds = Number(id) % 7 === 0 ? 600 : ${quickMs / 1000};
        const { rows } = await pool.query('select $1::text as id, pg_sleep($2)::text as rate', [id, seconds]); //@cause
        return rows[0];
      }
    `,
  };
}

function service(quickMs: number): Pick<CallModule, 'files' | 'companions'> {
  const rates = js`
    import http from 'node:http';

    const server = http.createServer((req, res) => {
      if (Number(req.url.split('/').at(-1)) % 7 === 0) return;
      setTimeout(() => res.setHeader('content-type', 'application/json').end(JSON.stringify({ path: req.url })), ${quickMs});
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
  return { files: { 'rates.mjs': rates }, companions: [{ name: 'rates', file: 'rates.mjs', urlEnv: 'RATES_URL' }] };
}
