import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runLoad } from '../engine.js';
import { ERROR_KINDS } from '../options.js';
import { serveHttp } from '../testing.js';
import { Totals } from '../totals.js';
import { readScenario } from './read.js';
import { checksOf, templatesOf } from './session.js';

const folder = mkdtempSync(join(tmpdir(), 'ddx-scenario-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function write(text: string, name = `scenario-${++files}.mjs`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function play(port: number, file: string, users = 40) {
  const read = await readScenario(file);
  const totals = new Totals(1);
  const time = process.hrtime();
  await runLoad(
    {
      ...{ host: '127.0.0.1', port, requests: templatesOf(read), scenario: file, originUs: time[0] * 1e6 + Math.floor(time[1] / 1e3) },
      ...{ arrivals: { kind: 'open', ratePerS: users, spacing: 'uniform' }, durationS: 1 },
    },
    { tally: (tally) => totals.add(tally) },
  ).done;
  const routes = totals.routes([...new Set(templatesOf(read).map(({ route }) => route))], 1);
  return { totals, figures: totals.figures(1), routes, checks: checksOf(read) };
}

describe('users', () => {
  it('carry what they were told from one request to the next, and take rows in turn', async () => {
    write('name,note\nann,"a ""b"", c"\nbob,\n', 'users.csv');
    const file = write(`export default {
      variables: { currency: 'EUR' },
      headers: { 'X-User': '{{user.name}}' },
      data: { user: 'users.csv' },
      sequences: [{ name: 'buy', steps: [
        { post: '/login', json: { name: '{{user.name}}', note: '{{user.note}}' }, check: { status: 201 }, extract: { token: 'json:session.token' } },
        { think: '5ms..10ms' },
        { get: '/items?currency={{currency}}', headers: { Authorization: 'Bearer {{token}}' }, check: { contains: 'lamp', json: { 'items.0.id': 7 }, that: ({ text }) => text.length > 3 }, extract: { id: ({ json }) => json().items[0].id } },
        { delete: '/items/{{id}}', name: 'DELETE one', headers: { Authorization: 'Bearer {{token}}' }, check: { status: [204] } },
      ] }],
    };`);
    const seen: Record<string, number> = {};
    const bodies = new Set<string>();
    const wrong: string[] = [];
    using server = await serveHttp((request, response) => {
      const key = `${request.method} ${request.url}`;
      seen[key] = (seen[key] ?? 0) + 1;
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        const user = request.headers['x-user'];
        if (request.url === '/login') {
          bodies.add(body);
          response.writeHead(201).end(JSON.stringify({ session: { token: `t-${user}` } }));
          return;
        }
        if (request.headers.authorization !== `Bearer t-${user}`) wrong.push(key);
        if (request.method === 'DELETE') response.writeHead(204).end();
        else response.end('{"items":[{"id":7,"name":"lamp"}]}');
      });
    });
    const { totals, figures, routes, checks } = await play(server.port, file);
    expect(wrong).toEqual([]);
    expect(figures).toMatchObject({ failed: 0, errors: {} });
    expect([...bodies].sort()).toEqual(['{"name":"ann","note":"a \\"b\\", c"}', '{"name":"bob","note":""}']);
    expect(Object.keys(seen).sort()).toEqual(['DELETE /items/7', 'GET /items?currency=EUR', 'POST /login']);
    expect(routes.map(({ route, answered }) => [route, answered])).toEqual(
      expect.arrayContaining([
        ['POST /login', seen['POST /login']],
        ['GET /items', seen['GET /items?currency=EUR']],
        ['DELETE one', seen['DELETE /items/7']],
      ]),
    );
    expect(figures.answered).toBeGreaterThan(100);
    expect(checks).toHaveLength(3);
    expect(totals.checks.map(({ passed, failed }) => [passed > 30, failed])).toEqual([
      [true, 0],
      [true, 0],
      [true, 0],
    ]);
  });

  it('stop where a check fails, and an expected 404 is no error', async () => {
    const file = write(`export default { sequences: [
      { weight: 1, steps: [{ get: '/gone', check: { status: 404 } }] },
      { weight: 1, steps: [{ get: '/wrong', check: { contains: 'right' } }, { get: '/never' }] },
      { weight: 1, steps: [{ get: '/empty', extract: { id: 'json:id' } }, { get: '/never?{{id}}' }] },
    ] };`);
    let never = 0;
    using server = await serveHttp((request, response) => {
      if (request.url?.startsWith('/never')) never++;
      response.writeHead(request.url === '/gone' ? 404 : 200).end('wrong');
    });
    const { figures, routes } = await play(server.port, file, 60);
    expect(never).toBe(0);
    const failedOf = Object.fromEntries(
      routes.map(({ route, failed, answered }) => [route, failed === 0 ? 'none' : failed === answered ? 'all' : 'some']),
    );
    expect(failedOf).toEqual({ 'GET /gone': 'none', 'GET /wrong': 'all', 'GET /empty': 'all' });
    expect(figures.errors).toEqual({ check: figures.failed });
  });

  it('end where a request is not answered', async () => {
    const file = write(`export default { sequences: [{ steps: [{ get: '/die' }, { get: '/never' }] }] };`);
    let never = 0;
    using server = await serveHttp((request, response) => {
      if (request.url === '/never') never++;
      response.destroy();
    });
    const { figures } = await play(server.port, file, 20);
    expect(never).toBe(0);
    expect(Object.keys(figures.errors).every((kind) => (ERROR_KINDS as readonly string[]).includes(kind))).toBe(true);
    expect(figures.answered).toBe(0);
    expect(figures.failed).toBeGreaterThan(10);
  });
});

describe('a file with a fault is refused, with its line', () => {
  it.each([
    ['exports nothing', `export const a = 1;`, /:1: it exports no scenario/],
    ['no sequences', `export default {\n  sequenzes: [],\n};`, /it has no sequences/],
    [
      'an unknown key',
      `export default { sequences: [{ steps: [\n  { get: '/a', chekc: {} },\n] }] };`,
      /:2: step 1 of sequence 1 has a "chekc"/,
    ],
    [
      'an unknown check',
      `export default { sequences: [{ steps: [\n\n  { get: '/a', check: { code: 200 } },\n] }] };`,
      /:3: step 1 .* checks "code"/,
    ],
    ['no path', `export default { sequences: [{ steps: [\n  { get: 'a' },\n] }] };`, /:2: step 1 .* asks for "a"/],
    ['two methods', `export default { sequences: [{ steps: [\n  { name: 'x', get: '/a', post: '/b' },\n] }] };`, /:2: .* one of get, head/],
    [
      'a strange source',
      `export default { sequences: [{ steps: [\n  { get: '/a', extract: { id: 'jsn:id' } },\n] }] };`,
      /:2: .*extracts id from "jsn:id"/,
    ],
    [
      'a bad expression',
      `export default { sequences: [{ steps: [\n  { get: '/a', extract: { id: 'regex:(' } },\n] }] };`,
      /:2: .*regular expression/,
    ],
    ['a bad pause', `export default { sequences: [{ steps: [{ get: '/a' },\n  { think: 'long' },\n] }] };`, /:2: .*thinks for "long"/],
    [
      'a value that nobody set',
      `export default { sequences: [{ steps: [\n  { get: '/a/{{id}}' },\n] }] };`,
      /:2: \{\{id\}\} has no value there/,
    ],
    [
      'data that is missing',
      `export default {\n  data: { user: 'no.csv' },\n  sequences: [{ steps: [{ get: '/a' }] }] };`,
      /:2: the data user can't be read: ENOENT/,
    ],
  ])('%s', async (_, text, message) => {
    await expect(readScenario(write(text))).rejects.toMatchObject({ code: 'DDX_SCENARIO', message: expect.stringMatching(message) });
  });

  it('is missing', async () => {
    await expect(readScenario(join(folder, 'no.mjs'))).rejects.toThrow(/no\.mjs can't be read/);
  });
});
