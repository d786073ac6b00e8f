import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { RequestFlag } from '../model/recording.js';
import { messagesOf, startTarget, type Target } from './testing/target.js';

let target: Target;
afterEach(() => target.stop());

const { first, unkept, closed } = RequestFlag;

/** Asks for these paths one after the other over one connection, and leaves it open. */
async function ask(paths: readonly string[], header = ''): Promise<Socket> {
  const socket = connect(target.port, '127.0.0.1');
  for (const path of paths) {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: shop\r\n${header}\r\n`);
    await once(socket, 'data');
  }
  return socket;
}

it('tells first requests, who ended their connections, and where the server listens', { timeout: 60_000 }, async () => {
  target = await startTarget('keeps-connections.mjs');
  const session = await target.session();
  const before = await ask(['/before']);
  await once(before, 'close');
  // The server hears of it a moment later than its client.
  await target.get('/later');
  session.send({ t: 'mark' });

  const idle = await ask(['/idle', '/idle']);
  const leaving = await ask(['/leaving']);
  leaving.end();
  await ask(['/close']);
  await ask(['/asked'], 'Connection: close\r\n');
  await once(idle, 'close');
  await target.get('/later');
  await target.finish();

  const rows = session.rows['requests']!.map(({ route, flags }) => [session.text.get(route!), flags]);
  expect(rows.filter(([route]) => route !== 'GET /later')).toEqual([
    ['GET /before', first],
    ['GET /idle', first],
    ['GET /idle', 0],
    ['GET /leaving', first],
    ['GET /close', first | closed],
    ['GET /asked', first | unkept | closed],
  ]);
  const [incoming] = messagesOf(session, 'incoming');
  expect(incoming).toMatchObject({ keepAliveMs: 150, maxRequests: 0, idleClosed: 1 });
  const { frames } = messagesOf(session, 'site').find(({ i }) => i === incoming!.site)!;
  expect(frames[0]).toMatchObject({ line: 8 });
});

it('knows the same at depth light, without the call to listen', { timeout: 60_000 }, async () => {
  target = await startTarget('keeps-connections.mjs', { depth: 'light' });
  await target.session();
  (await ask(['/light'])).end();
  const session = await target.finish();
  expect(session.rows['requests']![0]!['flags']).toBe(first);
  expect(messagesOf(session, 'incoming')[0]).toMatchObject({ site: -1, keepAliveMs: 150 });
});
