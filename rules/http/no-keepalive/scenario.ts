import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import type { Scenario } from '../../../src/lab/scenario.js';

const CAUSES = ['agent-off', 'tls', 'no-agent', 'client-per-call'] as const;
type Cause = (typeof CAUSES)[number];

export const scenario: Scenario = {
  id: 'http/no-keepalive',
  rule: 'http/no-keepalive',
  title: 'Each call to another service opens a connection, and closes it again',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(90, 120), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, priced(draw, folder, draw.inTurn(CAUSES), sick), load);
  },
};

function priced(draw: Draw, folder: string, cause: Cause, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['pricing', 'tariff', 'quotes'])}`;
  const handler = `${item}Price`;
  const ms = draw.int(1, 4);
  const source = js`
    ${CLIENTS[cause](items, sick)}

    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      return { id: params.id, price: await priceOf(params.id) };
    }
  `;
  const path = `/${items}/:id/price`;
  return {
    modules: [{ file, source }],
    files: { 'prices.mjs': cause === 'tls' ? secureService(ms) : service(ms) },
    companions: [{ name: 'prices', file: 'prices.mjs', urlEnv: 'PRICES_URL' }],
    routes: [{ method: 'GET', path, handler, module: file, weight: 30, examples: withIds(path, [1, 5, 7, 12, 40]) }],
  };
}

const READ = js`
  (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk) => {
      text += chunk;
    });
    response.on('end', () => resolve(JSON.parse(text)));
  }
`.trimEnd();

const CLIENTS: Record<Cause, (items: string, sick: boolean) => string> = {
  'agent-off': (items, sick) => js`
    import http from 'node:http';

    const agent = new http.Agent({ keepAlive: ${!sick} }); //@cause

    function priceOf(id«: string») {
      return new Promise«<unknown>»((resolve, reject) => {
        http.get(\`\${process.env.PRICES_URL}/${items}/\${id}\`, { agent }, ${READ}).on('error', reject);
      });
    }
  `,
  'no-agent': (items, sick) => js`
    import http from 'node:http';

    function priceOf(id«: string») {
      return new Promise«<unknown>»((resolve, reject) => {
        const url = \`\${process.env.PRICES_URL}/${items}/\${id}\`;
        const options = { ${sick ? 'agent: false' : 'timeout: 2000'} }; //@cause
        http.get(url, options, ${READ}).on('error', reject);
      });
    }
  `,
  'client-per-call': (items, sick) => js`
    import { Client, Pool } from 'undici';

    const pool = new Pool(process.env.PRICES_URL«!»);

    async function priceOf(id«: string») {
      const client = ${sick ? 'new Client(process.env.PRICES_URL«!»)' : 'pool'};
      const { body } = await client.request({ method: 'GET', path: \`/${items}/\${id}\` }); //@cause
      const price = await body.json();
      if (client instanceof Client) await client.close();
      return price;
    }
  `,
  tls: (items, sick) => js`
    import https from 'node:https';

    const key = { psk: Buffer.from('5f0b205b60627028d731ef57be09e520', 'hex'), identity: 'shop' };
    //@cause{
    const agent = new https.Agent({
      keepAlive: ${!sick},
      ciphers: 'PSK',
      maxVersion: 'TLSv1.2',
      pskCallback: () => key,
      checkServerIdentity() {
        return undefined;
      },
    });
    //@cause}

    function priceOf(id«: string») {
      return new Promise«<unknown>»((resolve, reject) => {
        const url = \`\${process.env.PRICES_URL«!».replace('http:', 'https:')}/${items}/\${id}\`;
        https.get(url, { agent }, ${READ}).on('error', reject);
      });
    }
  `,
};

function service(ms: number): string {
  return js`
    import http from 'node:http';

    const server = http.createServer((req, res) => {
      setTimeout(() => res.setHeader('content-type', 'application/json').end(JSON.stringify({ path: req.url })), ${ms});
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
}

/** A shared key instead of certificates, which would expire. */
function secureService(ms: number): string {
  return js`
    import https from 'node:https';

    const psk = Buffer.from('5f0b205b60627028d731ef57be09e520', 'hex');
    const server = https.createServer({ ciphers: 'PSK', maxVersion: 'TLSv1.2', pskCallback: () => psk }, (req, res) => {
      setTimeout(() => res.setHeader('content-type', 'application/json').end(JSON.stringify({ path: req.url })), ${ms});
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
}
