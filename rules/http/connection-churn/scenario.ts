import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

const CAUSES = { 'idle-timeout': devices, answers: closingAnswers, 'max-requests': fewRequests };

export const scenario: Scenario = {
  id: 'http/connection-churn',
  rule: 'http/connection-churn',
  title: 'Clients would keep their connections, and the server ends them after each request',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES));
    const load = { ratePerS: draw.int(90, 130), warmupS: 3, durationS: 8 };
    return ordinaryApp(draw, folder, cause(draw, folder, sick), load);
  },
};

/** Seconds where the setting is in milliseconds, and devices that report every two seconds, each over a connection of its own. */
function devices(draw: Draw, folder: string, sick: boolean): Piece {
  const { items } = draw.theme;
  const path = `/${items}/${draw.pick(['news', 'changes', 'updates'])}`;
  const seconds = draw.pick([60, 65, 75, 90]);
  const count = draw.int(150, 190);
  return {
    ...piece(draw, folder, path, 4),
    serverLines: [
      `{server}.keepAliveTimeout = ${sick ? seconds : `${seconds} * 1000`}; //@cause`,
      "{server}.once('listening', () => fetch(`${process.env.REGISTRY_URL}/register?port=${{server}.address().port}`).catch(() => {}));",
    ],
    files: { 'devices.mjs': DEVICES },
    companions: [{ name: 'devices', file: 'devices.mjs', args: [path, String(count)], urlEnv: 'REGISTRY_URL' }],
  };
}

/** What is right while it shuts down, done always. */
function closingAnswers(draw: Draw, folder: string, sick: boolean): Piece {
  const header = draw.pick(["res.setHeader('Connection', 'close');", 'res.shouldKeepAlive = false;']);
  return {
    ...piece(draw, folder, withId(draw), 12),
    serverLines: [
      "{server}.prependListener('request', (req, res) => {",
      `  ${sick ? '' : 'if (!{server}.listening) '}${header} //@cause`,
      '});',
    ],
  };
}

/** Connections are to move to other instances now and then. */
function fewRequests(draw: Draw, folder: string, sick: boolean): Piece {
  const few = draw.pick([1, 2]);
  return {
    ...piece(draw, folder, withId(draw), 12),
    serverLines: [`{server}.maxRequestsPerSocket = ${sick ? few : 1000 * few}; //@cause`],
  };
}

function withId(draw: Draw): string {
  return `/${draw.theme.items}/:id/${draw.pick(['news', 'changes', 'updates'])}`;
}

/** An ordinary route that waits a little for what it tells. */
function piece(draw: Draw, folder: string, path: string, weight: number): Piece {
  const file = `${folder}/${draw.pick(['feed', 'changelog', 'journal'])}`;
  const handler = `changed${capital(draw.theme.items)}`;
  const source = js`
    export async function ${handler}({ params }«: { params: Record<string, string> }») {
      await new Promise((resolve) => setTimeout(resolve, ${draw.int(2, 6)}));
      return { of: params.id ?? 'all', changes: [] };
    }
  `;
  return getRoute(file, source, { path, handler, weight, examples: withIds(path, [1, 5, 7, 12]) });
}

/** Each asks, waits two seconds and asks again over the same connection, if it still stands. */
const DEVICES = js`
  import { createServer } from 'node:http';
  import { connect } from 'node:net';

  const [path, devices] = process.argv.slice(2);

  function report(port) {
    const socket = connect(port, '127.0.0.1', ask);
    let timer;
    function ask() {
      socket.write('GET ' + path + ' HTTP/1.1\\r\\nHost: shop\\r\\n\\r\\n');
      timer = setTimeout(ask, 1900 + Math.random() * 200);
    }
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      setTimeout(() => report(port), 1900);
    });
  }

  const registry = createServer((request, response) => {
    const port = Number(new URL(request.url, 'http://registry').searchParams.get('port'));
    for (let i = 0; i < Number(devices); i++) setTimeout(() => report(port), (i * 2000) / Number(devices));
    response.end('{}');
  });
  registry.listen(0, '127.0.0.1', () => console.log('listening on ' + registry.address().port));
`;
