import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import type { Scenario } from '../../../src/lab/scenario.js';

const CAUSES = ['error', 'early-return', 'mysql2'] as const;

export const scenario: Scenario = {
  id: 'database/connection-leak',
  rule: 'database/connection-leak',
  title: 'Connections taken from a pool are not given back when the request goes wrong, until there are none left',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(25, 40), warmupS: 2, durationS: 9 };
    return ordinaryApp(draw, folder, account(draw, folder, draw.inTurn(CAUSES), sick), load);
  },
};

/** Two of ten ids are unknown; the pool is empty after some seconds of them. */
function account(draw: Draw, folder: string, cause: (typeof CAUSES)[number], sick: boolean): Piece {
  const { person, people } = draw.theme;
  const file = `${folder}/${draw.pick(['accounts', 'balances', 'credit'])}`;
  const handler = `${person}Account`;
  const max = draw.int(8, 12);
  const mysql = cause === 'mysql2';
  const query = mysql
    ? `const [rows] = await client.query('select ? as id, 100 as balance from dual where ? % 7 <> 0', [id, id]);`
    : `const { rows } = await client.query('select $1::int as id, 100 as balance where $1::int % 7 <> 0', [id]);`;
  const missing = {
    error: `if (rows.length === 0) throw new Error(\`no account \${id}\`);`,
    mysql2: `if (rows.length === 0) throw new Error(\`no account \${id}\`);`,
    'early-return': `if (rows.length === 0) return { id, balance: null };`,
  }[cause];
  const body = sick
    ? js`
        const client = await pool.${mysql ? 'getConnection' : 'connect'}(); //@cause
        ${query}
        ${missing}
        client.release();
        return rows[0];
      `
    : js`
        const client = await pool.${mysql ? 'getConnection' : 'connect'}(); //@cause
        try {
          ${query}
          ${missing}
          return rows[0];
        } finally {
          client.release();
        }
      `;
  const source = js`
    ${mysql ? `import mysql from 'mysql2/promise';` : `import pg from 'pg';`}

    const pool = ${mysql ? `mysql.createPool({ uri: process.env.MARIADB_URL, connectionLimit: ${max} })` : `new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: ${max} })`};

    async function balanceOf(id«: number») {
      ${body.trimEnd()}
    }

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      try {
        return await balanceOf(Number(params.id));
      } catch {
        return { id: params.id, error: 'no such ${person}' };
      }
    }
  `;
  const path = `/${people}/:id/account`;
  const examples = withIds(path, [1, 2, 7, 3, 4, 5, 14, 6, 8, 9]);
  return {
    modules: [{ file, source }],
    services: [mysql ? 'mariadb' : 'postgres'],
    routes: [{ method: 'GET', path, handler, module: file, weight: 8, examples }],
  };
}
