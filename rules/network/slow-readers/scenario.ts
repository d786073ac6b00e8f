import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

/** Whether the answer is handed over whole or as a stream. */
const CAUSES = { whole: false, streamed: true };

export const scenario: Scenario = {
  id: 'network/slow-readers',
  rule: 'network/slow-readers',
  title: 'Clients on slow lines take seconds to read an answer that was ready at once, and the server holds it for them',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(15, 25), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, bigAnswer(draw, folder, draw.inTurn(Object.values(CAUSES)), sick), load);
  },
};

/** The clients learn from the service's registration where it listens; the healthy twin has the same ones, on a fast line. */
function bigAnswer(draw: Draw, folder: string, streams: boolean, sick: boolean): Piece {
  const { item, items } = draw.theme;
  const file = `${folder}/${draw.pick(['export', 'dump', 'backup'])}`;
  const path = `/${items}/${draw.pick(['export', 'dump', 'all.csv'])}`;
  const handler = `export${capital(items)}`;
  const rows = draw.int(220, 260) * 1000;
  const clients = draw.int(9, 12);
  const source = js`
    import { subscribe, unsubscribe } from 'node:diagnostics_channel';
    ${streams ? "import { Readable } from 'node:stream';" : ''}

    const lines = Array.from({ length: ${rows} }, (_, i) => \`\${i};${item} number \${i};\${(i * 37) % 4000};in stock: \${i % 50}\\n\`);
    const text = lines.join('');

    export async function ${handler}() {
      return ${streams ? `Readable.from(text.match(/[^]{1,65536}/g) ?? [])` : 'text'};
    }

    export function register() {
      const seen = (message«: unknown») => {
        unsubscribe('http.server.request.start', seen);
        const { socket } = message«  as { socket: { localPort: number } }»;
        fetch(\`\${process.env.REGISTRY_URL}/register?port=\${socket.localPort}\`).catch(() => {});
      };
      subscribe('http.server.request.start', seen);
    }
  `;
  const args = [path, String(clients), String(sick ? 15 : 0)];
  return {
    modules: [{ file, source }],
    routes: [
      {
        method: 'GET',
        path,
        handler,
        module: file,
        type: 'text/csv',
        weight: 1,
        examples: [path],
        ...(streams ? { streams: true as const } : {}),
      },
    ],
    boot: [{ call: 'register()', from: file }],
    files: { 'clients.mjs': CLIENTS },
    companions: [{ name: 'clients', file: 'clients.mjs', args, urlEnv: 'REGISTRY_URL' }],
  };
}

/** Reads a piece, rests, reads on; when it has all, begins anew after a moment. */
const CLIENTS = js`
  import { createServer } from 'node:http';
  import { connect } from 'node:net';

  const [path, clients, restMs] = process.argv.slice(2);

  function download(port) {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET ' + path + ' HTTP/1.1\\r\\nHost: shop\\r\\nConnection: close\\r\\n\\r\\n'));
    socket.on('error', () => {});
    socket.on('data', () => {
      if (restMs === '0') return;
      socket.pause();
      setTimeout(() => socket.resume(), Number(restMs));
    });
    socket.on('close', () => setTimeout(() => download(port), 1000));
  }

  const registry = createServer((request, response) => {
    const port = Number(new URL(request.url, 'http://registry').searchParams.get('port'));
    for (let i = 0; i < Number(clients); i++) setTimeout(() => download(port), i * 50);
    response.end('{}');
  });
  registry.listen(0, '127.0.0.1', () => console.log('listening on ' + registry.address().port));
`;
