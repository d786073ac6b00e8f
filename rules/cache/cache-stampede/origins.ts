import type { Draw } from '../../../src/lab/kit/draw.js';
import { js } from '../../../src/lab/kit/source.js';
import type { App } from '../../../src/lab/scenario.js';

/** A module that exports `name(id)`, which is worth caching: one or two at a time are worked on, and each takes a while. */
export interface Origin extends Partial<Pick<App, 'files' | 'companions' | 'services'>> {
  source: string;
}

export function overHttp(draw: Draw, name: string, ms: number): Origin {
  const call = {
    fetch: js`
      export async function ${name}(id«: string») {
        const answer = await fetch(\`\${process.env.FIGURES_URL}/figures/\${id}\`);
        return answer.json();
      }
    `,
    undici: js`
      import { request } from 'undici';

      export async function ${name}(id«: string») {
        const { body } = await request(\`\${process.env.FIGURES_URL}/figures?of=\${id}\`);
        return body.json();
      }
    `,
  }[draw.pick(['fetch', 'undici'])]!;
  const figures = js`
    import http from 'node:http';

    const waiting = [];
    let busy = false;

    function work() {
      const answer = waiting.shift();
      busy = answer !== undefined;
      if (!busy) return;
      setTimeout(() => {
        answer();
        work();
      }, ${ms});
    }

    const server = http.createServer((req, res) => {
      res.setHeader('content-type', 'application/json');
      waiting.push(() => res.end(JSON.stringify({ path: req.url, figures: [3, 1, 4, 1, 5] })));
      if (!busy) work();
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
  return {
    source: call,
    files: { 'figures-service.mjs': figures },
    companions: [{ name: 'figures', file: 'figures-service.mjs', urlEnv: 'FIGURES_URL' }],
  };
}

export function inPostgres(_: Draw, name: string, ms: number): Origin {
  return {
    services: ['postgres'],
    source: js`
      import pg from 'pg';

      const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: 2 });

      export async function ${name}(id«: string») {
        const { rows } = await pool.query('select $1::text as id, pg_sleep($2)::text as figures', [id, ${ms / 1000}]);
        return rows[0];
      }
    `,
  };
}
