import { once } from 'node:events';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { RequestFlag } from '../model/recording.js';
import type { ProbeSession } from './testing/endpoint.js';
import { messagesOf, startTarget, type Target, type TargetOptions, until } from './testing/target.js';

let target: Target;
afterEach(() => target.stop());

async function serve(fixture: string, options?: TargetOptions): Promise<void> {
  target = await startTarget(fixture, options);
  await target.session();
}

const rowsOf = (session: ProbeSession) =>
  (session.rows['requests'] ?? []).map(
    (row) => ({ ...row, route: session.text.get(row['route']!) }) as Record<string, number> & { route: string },
  );
const routesOf = (session: ProbeSession) => rowsOf(session).map(({ route }) => route);

it('writes one row per request, with route, status and times in order', async () => {
  await serve('plain.mjs');
  await target.get('/quick?secret=1');
  await target.get('/burn');
  await target.get('/nowhere/42');
  const session = await target.finish();
  const rows = rowsOf(session);
  expect(rows.map(({ id, route, status }) => [id, route, status])).toEqual([
    [1, 'GET /quick', 200],
    [2, 'GET /burn', 200],
    [3, 'GET /nowhere/:id', 404],
  ]);
  for (const { startUs, endUs, bytes, port } of rows) {
    expect(endUs).toBeGreaterThan(startUs!);
    expect(bytes).toBeGreaterThan(50);
    expect(port).toBeGreaterThan(0);
  }
  expect(JSON.stringify(session.messages)).not.toContain('secret');
});

it('marks a request whose client went away', async () => {
  await serve('plain.mjs');
  const hanging = request({ port: target.port, path: '/hang' });
  hanging.on('error', () => {});
  hanging.end();
  await new Promise((done) => setTimeout(done, 100));
  hanging.destroy();
  await target.get('/quick');
  const session = await target.session();
  await until(() => (rowsOf(session).length >= 2 ? true : undefined), 'two rows');
  const hung = rowsOf(session).find(({ route }) => route === 'GET /hang');
  expect(hung).toMatchObject({ flags: RequestFlag.aborted | RequestFlag.first, status: 0 });
});

it('tells when a response was ended from when its client had taken it', async () => {
  await serve('plain.mjs');
  const slow = connect(target.port, '127.0.0.1');
  slow.pause();
  slow.write('GET /big HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await new Promise((done) => setTimeout(done, 400));
  slow.resume();
  await once(
    slow.on('data', () => {}),
    'end',
  );
  await target.get('/quick');
  const [big, quick] = rowsOf(await target.finish());
  expect(big!.endUs! - big!.answeredUs!).toBeGreaterThan(200_000);
  expect(big!.answeredUs).toBeGreaterThan(big!.startUs!);
  expect(quick!.endUs! - Math.max(quick!.answeredUs!, quick!.startUs!)).toBeLessThan(50_000);
});

it.each(['express', 'express4'])('knows the routes of %s', async (version) => {
  await serve('routes-express.mjs', { args: [version] });
  expect(await target.get('/orders/7/items/x')).toBe('{"id":"7","item":"x"}');
  await target.get('/orders', { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } });
  await target.get('/');
  await target.get('/none/12');
  expect(routesOf(await target.finish())).toEqual(['GET /orders/:id/items/:item', 'POST /orders', 'GET /', 'GET /none/:id']);
});

it('knows the routes of fastify', async () => {
  await serve('routes-fastify.cjs');
  await target.get('/orders/7/items/x');
  await target.get('/orders', { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } });
  await target.get('/');
  expect(routesOf(await target.finish())).toEqual(['GET /orders/:id/items/:item', 'POST /orders', 'GET /']);
});

it('knows the routes of @koa/router', async () => {
  await serve('routes-koa.mjs');
  await target.get('/orders/7/items/x');
  await target.get('/elsewhere/12');
  expect(routesOf(await target.finish())).toEqual(['GET /orders/:id/items/:item', 'GET /elsewhere/:id']);
});

it('works below tsx and sends the source maps of what it names', async () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  await serve('typed.ts', { nodeArgs: ['--import', tsx] });
  await target.get('/');
  const session = await target.finish();
  expect(routesOf(session)).toEqual(['GET /']);
  const [scripts] = messagesOf(session, 'scripts');
  const own = scripts!.scripts.filter(({ url }) => url.endsWith('typed.ts'));
  expect(own).toHaveLength(1);
  expect(own[0]!.sourceMapUrl).toMatch(/^data:application\/json/);
  // The line in what runs, not in the source: capture resolves it by the map.
  const site = messagesOf(session, 'site').find(({ frames }) => frames.some(({ url }) => url.includes('typed.ts')));
  expect(site).toBeDefined();
});

it('records levels and pauses', async () => {
  await serve('plain.mjs');
  for (let i = 0; i < 20; i++) await target.get('/burn');
  const session = await target.finish();
  expect(messagesOf(session, 'hello')[0]).toMatchObject({ pid: target.child.pid, features: { profile: true, owners: true } });
  expect(messagesOf(session, 'listening')).toEqual([{ t: 'listening', port: target.port, address: '127.0.0.1' }]);
  const loop = session.rows['loop']!;
  expect(loop.length).toBeGreaterThan(2);
  const busyUs = loop.reduce((sum, { activeUs }) => sum + activeUs!, 0);
  expect(busyUs).toBeGreaterThan(600_000);
  for (const { activeUs, idleUs } of loop) expect(Math.min(activeUs!, idleUs!)).toBeGreaterThanOrEqual(0);
  expect(session.rows['heap']![0]!['heapUsed']).toBeGreaterThan(1e6);
  expect(session.rows['poolProbe']!.length).toBeGreaterThan(1);
  expect(messagesOf(session, 'heap-profile').length).toBeGreaterThan(0);
  const [bye] = messagesOf(session, 'bye');
  expect(bye!.dropped).toEqual({});
});

it('profiles the main thread on the clock of the recording', async () => {
  await serve('plain.mjs');
  for (let i = 0; i < 10; i++) await target.get('/burn');
  const session = await target.finish();
  const [profile] = messagesOf(session, 'profile');
  const burning = new Set<number>();
  profile!.nodes.forEach((node, i) => {
    if (node.function === 'burn' || burning.has(node.parent)) burning.add(i);
  });
  const inBurns = session.rows['samples']!.filter(({ node }) => burning.has(node!));
  expect(inBurns.length).toBeGreaterThan(100);
  const burns = rowsOf(session);
  const inside = inBurns.filter(({ tUs }) => burns.some(({ startUs, endUs }) => tUs! >= startUs! - 2000 && tUs! <= endUs! + 2000));
  expect(inside.length / inBurns.length).toBeGreaterThan(0.95);
});
