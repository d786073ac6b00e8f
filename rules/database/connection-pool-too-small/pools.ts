import type { Draw } from '../../../src/lab/kit/draw.js';
import { js } from '../../../src/lab/kit/source.js';
import type { App } from '../../../src/lab/scenario.js';

/** A module that exports `name(id)`, which asks a server over a pool of `size` connections and is answered after `ms`. */
export interface PoolUse {
  name: string;
  size: number;
  ms: number;
}

export interface PoolModule extends Partial<Pick<App, 'files' | 'companions' | 'services'>> {
  source: string;
}

export const POOLS: Record<string, (draw: Draw, use: PoolUse) => PoolModule> = { agent, pg, undici, mysql2, transaction, tcp };

function agent(draw: Draw, use: PoolUse): PoolModule {
  return {
    ...service(use.ms),
    source: js`
      import http from 'node:http';

      const agent = new http.Agent({ keepAlive: true, maxSockets: ${use.size} }); //@cause

      export function ${use.name}(id«: string») {
        return new Promise«<unknown>»((resolve, reject) => {
          const request = http.get(\`\${process.env.BACKEND_URL}/${draw.theme.items}/\${id}\`, { agent }, (response) => {
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
}

function undici(draw: Draw, use: PoolUse): PoolModule {
  return {
    ...service(use.ms),
    source: js`
      import { Pool } from 'undici';

      const backend = new Pool(process.env.BACKEND_URL«!», { connections: ${use.size} }); //@cause

      export async function ${use.name}(id«: string») {
        const { body } = await backend.request({ method: 'GET', path: \`/${draw.theme.items}/\${id}\` });
        return body.json();
      }
    `,
  };
}

function pg({ theme: { item } }: Draw, use: PoolUse): PoolModule {
  return {
    services: ['postgres'],
    source: js`
      import pg from 'pg';

      const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: ${use.size} }); //@cause

      export async function ${use.name}(id«: string») {
        const { rows } = await pool.query('select $1::text as ${item}, pg_sleep(${use.ms / 1000})::text as stock', [id]);
        return rows[0];
      }
    `,
  };
}

/** Two statements on one connection, which is given back whatever happens. */
function transaction({ theme: { item } }: Draw, use: PoolUse): PoolModule {
  return {
    services: ['postgres'],
    source: js`
      import pg from 'pg';

      //@cause{
      const pool = new pg.Pool({
        connectionString: process.env.POSTGRES_URL,
        max: ${use.size},
      });
      //@cause}

      export async function ${use.name}(id«: string») {
        const client = await pool.connect();
        try {
          await client.query('begin');
          const { rows } = await client.query('select $1::text as ${item}, pg_sleep(${use.ms / 1000})::text as stock', [id]);
          await client.query('commit');
          return rows[0];
        } finally {
          client.release();
        }
      }
    `,
  };
}

function mysql2({ theme: { item } }: Draw, use: PoolUse): PoolModule {
  return {
    services: ['mariadb'],
    source: js`
      import mysql from 'mysql2/promise';

      const pool = mysql.createPool({ uri: process.env.MARIADB_URL, connectionLimit: ${use.size} }); //@cause

      export async function ${use.name}(id«: string») {
        const [rows] = await pool.query('select ? as ${item}, sleep(${use.ms / 1000}) as stock', [id]);
        return rows;
      }
    `,
  };
}

/** A protocol and a pool of one's own. */
function tcp(_: Draw, use: PoolUse): PoolModule {
  const backend = js`
    import net from 'node:net';

    const server = net.createServer((socket) => {
      socket.setEncoding('utf8').on('data', (id) => setTimeout(() => socket.write('stock of ' + id), ${use.ms}));
      socket.on('error', () => {});
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
  return {
    files: { 'backend.mjs': backend },
    companions: [{ name: 'backend', file: 'backend.mjs', urlEnv: 'BACKEND_URL' }],
    source: js`
      import net from 'node:net';

      const MAX_CONNECTIONS = ${use.size}; //@cause
      const idle«: net.Socket[]» = [];
      const waiting«: ((socket: net.Socket) => void)[]» = [];
      let opened = 0;

      //@cause{
      async function acquire()«: Promise<net.Socket>» {
        const socket = idle.pop();
        if (socket) return socket;
        if (opened < MAX_CONNECTIONS) return connect();
        return new Promise((resolve) => waiting.push(resolve));
      }
      //@cause}

      function release(socket«: net.Socket») {
        const next = waiting.shift();
        if (next) next(socket);
        else idle.push(socket);
      }

      function connect()«: Promise<net.Socket>» {
        opened++;
        const { hostname, port } = new URL(process.env.BACKEND_URL«!»);
        return new Promise((resolve, reject) => {
          const socket = net.connect(Number(port), hostname, () => resolve(socket)).setEncoding('utf8').setNoDelay(true);
          socket.once('error', reject);
        });
      }

      export async function ${use.name}(id«: string») {
        const socket = await acquire(); //@cause
        try {
          return await new Promise«<string>»((resolve) => {
            socket.once('data', (text) => resolve(String(text)));
            socket.write(id);
          });
        } finally {
          release(socket);
        }
      }
    `,
  };
}

function service(ms: number): Pick<PoolModule, 'files' | 'companions'> {
  const backend = js`
    import http from 'node:http';

    const server = http.createServer((req, res) => {
      setTimeout(() => res.setHeader('content-type', 'application/json').end(JSON.stringify({ path: req.url })), ${ms});
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
  return { files: { 'backend.mjs': backend }, companions: [{ name: 'backend', file: 'backend.mjs', urlEnv: 'BACKEND_URL' }] };
}
