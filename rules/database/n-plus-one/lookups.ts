import type { Draw } from '../../../src/lab/kit/draw.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { App } from '../../../src/lab/scenario.js';

/** Where the people are kept: a module that exports one(id) and many(ids), and what must run beside the server for it. */
export interface Lookup extends Partial<Pick<App, 'files' | 'companions' | 'services'>> {
  source: string;
}

export type Store = (draw: Draw, names: { one: string; many: string }) => Lookup;

const PEOPLE = 400;

export const STORES: Record<string, Store> = {
  fetch: overHttp,
  pg: inPostgres,
  ioredis: inRedis,
  tcp: overTcp,
  mysql2: inMariadb,
  redis: inNodeRedis,
};

function overHttp(draw: Draw, { one, many }: { one: string; many: string }): Lookup {
  const { people } = draw.theme;
  const client = draw.pick(['fetch', 'undici']);
  const call = {
    fetch: js`
      async function getJson(path«: string») {
        const response = await fetch(process.env.DIRECTORY_URL + path);
        return response.json();
      }
    `,
    undici: js`
      import { request } from 'undici';

      async function getJson(path«: string») {
        const { body } = await request(process.env.DIRECTORY_URL + path);
        return body.json();
      }
    `,
  }[client]!;
  const directory = js`
    import http from 'node:http';

    const name = (id) => ({ id: Number(id), name: '${people} ' + id });
    const server = http.createServer((req, res) => {
      const [path, query = ''] = req.url.split('?ids=');
      const answer = query ? query.split(',').map(name) : name(path.split('/').at(-1));
      setTimeout(() => res.setHeader('content-type', 'application/json').end(JSON.stringify(answer)), ${draw.int(2, 7)});
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
  return {
    source: js`
      ${call}

      export function ${one}(id«: number») {
        return getJson(\`/${people}/\${id}\`);
      }

      export function ${many}(ids«: number[]») {
        return getJson(\`/${people}?ids=\${ids.join(',')}\`);
      }
    `,
    files: { 'directory.mjs': directory },
    companions: [{ name: 'directory', file: 'directory.mjs', urlEnv: 'DIRECTORY_URL' }],
  };
}

function overTcp(draw: Draw, { one, many }: { one: string; many: string }): Lookup {
  const { person } = draw.theme;
  const directory = js`
    import net from 'node:net';

    const server = net.createServer((socket) => {
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        for (let end = text.indexOf('\\n'); end >= 0; end = text.indexOf('\\n')) {
          const ids = text.slice(4, end).split(' ');
          text = text.slice(end + 1);
          setTimeout(() => socket.write(ids.map((id) => '${person} ' + id).join('|') + '\\n'), ${draw.int(2, 5)});
        }
      });
      socket.on('error', () => {});
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
  return {
    source: js`
      import net from 'node:net';

      const idle«: net.Socket[]» = [];

      function connection() {
        const known = idle.pop();
        if (known) return known;
        const { hostname, port } = new URL(process.env.DIRECTORY_URL«!»);
        return net.connect(Number(port), hostname).setEncoding('utf8').setNoDelay(true);
      }

      function ask(question«: string»)«: Promise<string>» {
        return new Promise((resolve, reject) => {
          const socket = connection();
          let text = '';
          const read = (chunk«: string») => {
            text += chunk;
            if (!text.endsWith('\\n')) return;
            socket.off('data', read).off('error', reject);
            idle.push(socket);
            resolve(text.trim());
          };
          socket.on('data', read).on('error', reject);
          socket.write(\`\${question}\\n\`);
        });
      }

      export async function ${one}(id«: number») {
        return { id, name: await ask(\`GET \${id}\`) };
      }

      export async function ${many}(ids«: number[]») {
        const names = (await ask(\`GET \${ids.join(' ')}\`)).split('|');
        return ids.map((id, i) => ({ id, name: names[i] }));
      }
    `,
    files: { 'directory.mjs': directory },
    companions: [{ name: 'directory', file: 'directory.mjs', urlEnv: 'DIRECTORY_URL' }],
  };
}

function inPostgres(draw: Draw, { one, many }: { one: string; many: string }): Lookup {
  const { people } = draw.theme;
  return {
    source: js`
      import pg from 'pg';

      const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: ${draw.int(8, 12)} });
      const ready = prepare();

      async function prepare() {
        await pool.query('create table if not exists ${people} (id int primary key, name text not null)');
        await pool.query(\`insert into ${people} select i, 'name ' || i from generate_series(1, ${PEOPLE}) i on conflict do nothing\`);
      }

      export async function ${one}(id«: number») {
        await ready;
        const { rows } = await pool.query('select id, name from ${people} where id = $1', [id]);
        return rows[0];
      }

      export async function ${many}(ids«: number[]») {
        await ready;
        const { rows } = await pool.query('select id, name from ${people} where id = any($1)', [ids]);
        return rows;
      }
    `,
    services: ['postgres'],
  };
}

function inMariadb(draw: Draw, { one, many }: { one: string; many: string }): Lookup {
  const { people } = draw.theme;
  return {
    source: js`
      import mysql from 'mysql2/promise';

      const pool = mysql.createPool({ uri: process.env.MARIADB_URL, connectionLimit: ${draw.int(8, 12)} });
      const ready = prepare();

      async function prepare() {
        await pool.query('create table if not exists ${people} (id int primary key, name varchar(80) not null)');
        const rows = Array.from({ length: ${PEOPLE} }, (_, i) => [i + 1, \`name \${i + 1}\`]);
        await pool.query('insert ignore into ${people} values ?', [rows]);
      }

      export async function ${one}(id«: number») {
        await ready;
        const [rows] = await pool.query('select id, name from ${people} where id = ?', [id]);
        return rows[0];
      }

      export async function ${many}(ids«: number[]») {
        await ready;
        const [rows] = await pool.query('select id, name from ${people} where id in (?)', [ids]);
        return rows;
      }
    `,
    services: ['mariadb'],
  };
}

function inRedis({ theme: { person } }: Draw, { one, many }: { one: string; many: string }): Lookup {
  return {
    source: js`
      import { Redis } from 'ioredis';

      const redis = new Redis(process.env.REDIS_URL«!»);
      const ready = redis.mset(Object.fromEntries(Array.from({ length: ${PEOPLE} }, (_, i) => [\`${person}:\${i + 1}\`, \`name \${i + 1}\`])));

      export async function ${one}(id«: number») {
        await ready;
        return { id, name: await redis.get(\`${person}:\${id}\`) };
      }

      export async function ${many}(ids«: number[]») {
        await ready;
        const names = await redis.mget(ids.map((id) => \`${person}:\${id}\`));
        return ids.map((id, i) => ({ id, name: names[i] }));
      }
    `,
    services: ['redis'],
  };
}

function inNodeRedis({ theme: { person } }: Draw, { one, many }: { one: string; many: string }): Lookup {
  return {
    source: js`
      import { createClient } from 'redis';

      const redis = createClient({ url: process.env.REDIS_URL });
      const ready = prepare();

      async function prepare() {
        await redis.connect();
        for (let id = 1; id <= ${PEOPLE}; id++) await redis.hSet(\`${person}:\${id}\`, { name: \`name \${id}\` });
      }

      export async function ${one}(id«: number») {
        await ready;
        return { id, ...(await redis.hGetAll(\`${person}:\${id}\`)) };
      }

      export async function ${many}(ids«: number[]») {
        await ready;
        const answers = await Promise.all(ids.map((id) => redis.hGetAll(\`${person}:\${id}\`)));
        return ids.map((id, i) => ({ id, ...answers[i] }));
      }
    `,
    services: ['redis'],
  };
}

/** Names of the two functions: "getReader", "getReaders". */
export function lookupNames(draw: Draw): { one: string; many: string } {
  const verb = draw.pick(['get', 'find', 'load', 'fetch']);
  return { one: `${verb}${capital(draw.theme.person)}`, many: `${verb}${capital(draw.theme.people)}` };
}
