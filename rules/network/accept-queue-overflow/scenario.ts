import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { getRoute, type Piece, withIds } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { capital } from '../../../src/lab/kit/themes.js';
import type { Scenario } from '../../../src/lab/scenario.js';

/** How clients come: all at one moment, as timers of cron and of phones do, or a proxy's many in a row. */
const CAUSES = { 'same-moment': 1, 'in-a-row': 4 };

export const scenario: Scenario = {
  id: 'network/accept-queue-overflow',
  rule: 'network/accept-queue-overflow',
  title: 'More connections come at once than the server lets wait to be accepted, and the rest try again a second later',
  needs: ['linux'],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const groups = draw.inTurn(Object.values(CAUSES));
    const load = { ratePerS: draw.int(30, 60), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, pushed(draw, folder, groups, sick), load);
  },
};

function pushed(draw: Draw, folder: string, groups: number, sick: boolean): Piece {
  const { items } = draw.theme;
  const file = `${folder}/${draw.pick(['status', 'feed', 'beacon'])}`;
  const handler = `latest${capital(items)}`;
  const path = `/${items}/${draw.pick(['latest', 'state', 'beacon'])}`;
  const clients = draw.int(80, 120);
  const backlog = draw.pick([4, 5, 8, 10]);
  const source = js`
    export async function ${handler}() {
      await new Promise((resolve) => setTimeout(resolve, ${draw.int(2, 6)}));
      return { at: Date.now(), changed: [] };
    }
  `;
  return {
    ...getRoute(file, source, { path, handler, weight: 3, examples: withIds(path, [1]) }),
    ...(sick ? { backlog } : {}),
    serverLines: [
      "{server}.once('listening', () => fetch(`${process.env.REGISTRY_URL}/register?port=${{server}.address().port}`).catch(() => {}));",
    ],
    files: { 'clients.mjs': CLIENTS },
    companions: [{ name: 'clients', file: 'clients.mjs', args: [path, String(clients), String(groups)], urlEnv: 'REGISTRY_URL' }],
  };
}

/** Every other second each asks once, over a connection that it closes. */
const CLIENTS = js`
  import { createServer } from 'node:http';
  import { connect } from 'node:net';

  const [path, clients, groups] = process.argv.slice(2);

  function ask(port) {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET ' + path + ' HTTP/1.1\\r\\nHost: shop\\r\\nConnection: close\\r\\n\\r\\n'));
    socket.on('error', () => {});
    socket.on('data', () => {});
  }

  const registry = createServer((request, response) => {
    const port = Number(new URL(request.url, 'http://registry').searchParams.get('port'));
    for (let i = 0; i < Number(clients); i++) {
      const group = i % Number(groups);
      setTimeout(() => setInterval(() => ask(port), 2000), group * 150);
    }
    response.end('{}');
  });
  registry.listen(0, '127.0.0.1', () => console.log('listening on ' + registry.address().port));
`;
