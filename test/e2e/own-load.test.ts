import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ddx, privateFolder, reportOf } from './kit/ddx.js';

const folder = privateFolder();
afterAll(() => folder.remove());
const file = (name: string, text: string): string => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
};

/** Answers only who has logged in. */
const server = file(
  'server.mjs',
  `import { createServer } from 'node:http';
  const tokens = new Set();
  createServer((request, response) => {
    if (request.url === '/login') {
      const token = String(Math.random()).slice(2);
      tokens.add(token);
      return response.writeHead(201).end(JSON.stringify({ token }));
    }
    const known = request.headers['x-team'] === 'blue' && tokens.has(request.headers.authorization);
    response.writeHead(known || request.url.startsWith('/open') ? 200 : 401).end('{}');
  }).listen(0, '127.0.0.1');`,
);
const users = file(
  'users.mjs',
  `export default { sequences: [{ steps: [
    { post: '/login', extract: { token: 'json:token' }, check: { status: 201 } },
    { get: '/orders', headers: { Authorization: '{{token}}' } },
  ] }] };`,
);
const har = (...hosts: string[]): string =>
  file(
    `${hosts.length}.har`,
    JSON.stringify({
      log: {
        entries: hosts.map((host, i) => ({
          startedDateTime: `2025-01-01T00:00:0${i}Z`,
          request: { method: 'GET', url: `http://${host}/open/${i}` },
        })),
      },
    }),
  );
const QUICK = ['--warmup', '500ms', '--for', '3s'];

describe('a recording under a load from a file', () => {
  it('plays users, each with what it was told before', async () => {
    const run = await ddx([
      'run',
      '--json',
      '--scenario',
      users,
      '--header',
      'X-Team: blue',
      '--rate',
      '30',
      ...QUICK,
      '--',
      'node',
      server,
    ]);
    const report = reportOf(run);
    const routes = report.routes.map(({ route, errors }) => [route, errors]).sort();
    expect(routes, run.stderr).toEqual([
      ['GET /orders', 0],
      ['POST /login', 0],
    ]);
    expect(report.requests.count).toBeGreaterThan(60);
  });

  it('sends what a browser recorded, where one host says whom it was sent to', async () => {
    const run = await ddx(['run', '--json', '--scenario', har('api.example.com'), '--rate', '30', ...QUICK, '--', 'node', server]);
    const report = reportOf(run);
    expect(
      report.routes.map(({ errors }) => errors),
      run.stderr,
    ).toEqual([0]);
    const several = har('api.example.com', 'cdn.example.com');
    const refused = await ddx(['run', '--scenario', several, '--rate', '30', '--', 'node', server]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--host-map api.example.com=localhost')]);
  });

  it.each([
    [['--scenario', users, '--path', '/x', '--rate', '1'], /--scenario and --path exclude/],
    [['--scenario', users], /--scenario says what to ask for, but not how often/],
    [['--scenario', 'nothing.mjs', '--rate', '1'], /nothing\.mjs/],
  ])('is refused before anything starts: %j', async (args, message) => {
    const { code, stderr } = await ddx(['run', ...args, '--', 'node', server]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
