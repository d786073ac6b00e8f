import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

/** How the clients tell how long the body is. */
const CAUSES = ['content-length', 'chunked'] as const;

export const scenario: Scenario = {
  id: 'network/slow-request-body',
  rule: 'network/slow-request-body',
  title: 'Clients on slow lines take seconds to send a request that is answered in milliseconds, and the server holds it all the while',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(30, 60), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, imported(draw, folder, draw.inTurn(CAUSES), sick), load);
  },
};

/** Lists that phones send; the healthy twin has the same ones, on a fast line. */
function imported(draw: Draw, folder: string, coding: (typeof CAUSES)[number], sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['import', 'sync', 'inbox'])}`;
  const path = `/${items}/${draw.pick(['import', 'sync', 'batch'])}`;
  const handler = `import${capital(items)}`;
  const clients = draw.int(8, 14);
  const rows = draw.int(500, 900);
  const restMs = draw.int(90, 160);
  const source = js`
    export async function ${handler}({ body }«: { body: { rows?: { id: number; stock: number }[] } }») {
      const rows = body.rows ?? [];
      const stock = rows.reduce((sum, row) => sum + row.stock, 0);
      await new Promise((resolve) => setTimeout(resolve, ${draw.int(2, 8)}));
      return { ${item}Rows: rows.length, stock };
    }
  `;
  return {
    modules: [{ file, source }],
    routes: [
      { method: 'POST', path, handler, module: file, weight: 3, examples: [`${path} {"rows":[{"id":1,"stock":4},{"id":2,"stock":9}]}`] },
    ],
    serverLines: [
      "{server}.once('listening', () => fetch(`${process.env.REGISTRY_URL}/register?port=${{server}.address().port}`).catch(() => {}));",
    ],
    files: { 'phones.mjs': PHONES },
    companions: [
      {
        name: 'phones',
        file: 'phones.mjs',
        args: [path, String(clients), String(rows), coding, String(sick ? restMs : 0)],
        urlEnv: 'REGISTRY_URL',
      },
    ],
  };
}

/** Each sends its list a kilobyte at a time, resting in between, and begins anew a moment after the answer. */
const PHONES = js`
  import { createServer } from 'node:http';
  import { connect } from 'node:net';
  import { setTimeout as sleep } from 'node:timers/promises';

  const [path, clients, rows, coding, restMs] = process.argv.slice(2);
  const body = JSON.stringify({ rows: Array.from({ length: Number(rows) }, (_, id) => ({ id, stock: id % 50 })) });
  const length = coding === 'chunked' ? 'Transfer-Encoding: chunked' : 'Content-Length: ' + body.length;
  const head = 'POST ' + path + ' HTTP/1.1\\r\\nHost: shop\\r\\nContent-Type: application/json\\r\\n' + length + '\\r\\n\\r\\n';
  const framed = (piece) => (coding === 'chunked' ? piece.length.toString(16) + '\\r\\n' + piece + '\\r\\n' : piece);

  async function send(socket) {
    socket.write(head);
    for (let at = 0; at < body.length && !socket.destroyed; at += 1024) {
      socket.write(framed(body.slice(at, at + 1024)));
      if (restMs !== '0') await sleep(Number(restMs));
    }
    if (coding === 'chunked') socket.write('0\\r\\n\\r\\n');
  }

  function upload(port) {
    const socket = connect(port, '127.0.0.1', () => send(socket));
    socket.on('error', () => {});
    socket.once('data', () => socket.destroy());
    socket.on('close', () => setTimeout(() => upload(port), 400));
  }

  const registry = createServer((request, response) => {
    const port = Number(new URL(request.url, 'http://registry').searchParams.get('port'));
    for (let i = 0; i < Number(clients); i++) setTimeout(() => upload(port), i * 70);
    response.end('{}');
  });
  registry.listen(0, '127.0.0.1', () => console.log('listening on ' + registry.address().port));
`;
