import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoadResult } from '../../src/model/load-result.js';
import { ddx, freePort, privateFolder, start } from './kit/ddx.js';

let folder: ReturnType<typeof privateFolder>;
beforeEach(() => {
  folder = privateFolder();
});
afterEach(() => folder.remove());

const QUICK = ['--for', '1s', '--warmup', '300ms'];

async function serve(listener: RequestListener, port = 0) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function load(args: readonly string[]): Promise<{ code: number | null; result: LoadResult; stderr: string }> {
  const { code, stdout, stderr } = await ddx(['load', ...args, '--json'], { cwd: folder.path });
  expect(stdout, stderr).toMatch(/^\{.*\}\n$/s);
  return { code, result: JSON.parse(stdout) as LoadResult, stderr };
}

describe('a server that answers', () => {
  it('is measured: every request is counted once, by route', async () => {
    const seen: Record<string, number> = {};
    using server = await serve((request, response) => {
      seen[request.url!] = (seen[request.url!] ?? 0) + 1;
      response.end('hello');
    });
    const paths = ['--path', '3*/a', '--path', 'POST /b {"x":1}'];
    const { code, result } = await load([server.url, '--rate', '200', '--for', '1s', '--warmup', '0s', ...paths]);
    expect(code).toBe(0);
    expect(result).toMatchObject({ schemaVersion: 1, kind: 'load', protocol: 'http/1.1', verdict: 'fine', goals: [], knee: null });
    const { requests, routes, histogram, series } = result;
    expect(requests).toMatchObject({
      due: seen['/a']! + seen['/b']!,
      answered: requests.due,
      failed: 0,
      errors: {},
      bytes: requests.due * 5,
    });
    expect(Object.fromEntries(routes.map(({ route, answered }) => [route, answered]))).toEqual({
      'GET /a': seen['/a'],
      'POST /b': seen['/b'],
    });
    expect(histogram.reduce((sum, [, count]) => sum + count, 0)).toBe(requests.answered);
    expect(result.statuses).toEqual([{ status: 200, count: requests.answered }]);
    expect(series.points.reduce((sum, { answeredS }) => sum + answeredS * series.stepS, 0)).toBe(requests.answered);
    expect(result.generator.connections).toBeGreaterThan(0);
  });

  it('by several threads that never send more than was asked for', async () => {
    using server = await serve((_, response) => response.end());
    const { result } = await load([server.url, '--connections', '6', '--threads', '3', ...QUICK]);
    expect(result.generator.connections).toBe(6);
    expect(result.requests).toMatchObject({ failed: 0 });
  });

  it('is written as page, markdown and text too', async () => {
    using server = await serve((_, response) => response.end());
    const outputs = ['html', 'md', 'json'].flatMap((kind) => ['--output', `${kind}=${join(folder.path, kind)}`]);
    const { code, stdout } = await ddx(['load', server.url, '--rate', '100', ...QUICK, ...outputs]);
    expect({ code, shown: /p99.9/.test(stdout) && stdout.includes('sent late by') }).toEqual({ code: 0, shown: true });
    const { summary } = JSON.parse(readFileSync(join(folder.path, 'json'), 'utf8')) as LoadResult;
    expect(readFileSync(join(folder.path, 'html'), 'utf8')).toContain(summary);
    expect(readFileSync(join(folder.path, 'md'), 'utf8')).toContain('| all |');
  });

  it('late is waited for', async () => {
    const port = await freePort();
    const running = start(['load', `:${port}`, '--rate', '50', ...QUICK]);
    await running.said(/waiting for/);
    await delay(500);
    using _ = await serve((_request, response) => response.end(), port);
    expect((await running.finished).code).toBe(0);
  });

  it('until Ctrl-C, with the result until then', async () => {
    using server = await serve((_, response) => response.end());
    const running = start(['load', server.url, '--rate', '100', '--for', '10m', '--warmup', '0s', '--json']);
    await running.said(/loading/);
    await delay(1_500);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.finished;
    const result = JSON.parse(stdout) as LoadResult;
    expect({ code, endedBy: result.window.endedBy }).toEqual({ code: 130, endedBy: 'interrupted' });
    expect(result.requests.answered).toBeGreaterThan(20);
    expect(result.window.durationS).toBeLessThan(60);
  });
});

describe('a scenario', () => {
  it('of users is played, with its checks', async () => {
    const file = join(folder.path, 'shop.mjs');
    writeFileSync(
      file,
      `export default { sequences: [{ steps: [
        { get: '/items', extract: { id: 'json:id' } },
        { think: '1ms..5ms' },
        { post: '/cart', json: { id: '{{id}}' }, check: { status: 201 } },
      ] }] };`,
    );
    let wrong = 0;
    using server = await serve((request, response) => {
      if (request.url === '/items') response.end('{"id":7}');
      else
        request.on('data', (body) => {
          if (String(body) !== '{"id":"7"}') wrong++;
          response.writeHead(201).end();
        });
    });
    const { code, result } = await load([server.url, '--scenario', file, '--rate', '50', ...QUICK]);
    expect({ code, wrong }).toEqual({ code: 0, wrong: 0 });
    expect(result.routes.map(({ route }) => route).sort()).toEqual(['GET /items', 'POST /cart']);
    expect(result.checks.map(({ check, failed }) => [check, failed])).toEqual([
      ['GET /items: has id', 0],
      ['POST /cart: status 201', 0],
    ]);
  });

  it('recorded is played at its times', async () => {
    const file = join(folder.path, 'access.log');
    const line = (second: number) => `::1 - - [21/Nov/2025:10:00:0${second} +0000] "GET /${second} HTTP/1.1" 200 5`;
    writeFileSync(file, [0, 0, 0, 0, 1, 1].map(line).join('\n'));
    const seen: string[] = [];
    using server = await serve((request, response) => {
      seen.push(request.url!);
      response.end();
    });
    const { code, result } = await load([server.url, '--trace', file]);
    expect({ code, seen }).toEqual({ code: 0, seen: ['/0', '/0', '/0', '/0', '/1', '/1'] });
    expect(result.arrivals.kind).toBe('trace');
    expect(result.requests.answered).toBe(6);
  });

  it.each([
    [
      'does not parse',
      'export default {\n  sequences: [\n    { name: "a" steps: [] },\n  ],\n};',
      /:3: SyntaxError.*\n.*3 \| \{ name: "a" steps/,
    ],
    ['throws', 'const x = 1;\nx.y.z;\nexport default {};', /:2: TypeError.*\n.*2 \| x\.y\.z/],
  ])('that %s is refused, with its line', async (_, text, message) => {
    const file = join(folder.path, 'faulty.mjs');
    writeFileSync(file, text);
    const { code, stderr } = await ddx(['load', ':1', '--scenario', file]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

it('the knee is found: between a rate that is served and one that is not', async () => {
  // One at a time, 10 ms each: 100 per second is all it can do.
  let freeAtMs = 0;
  using server = await serve((_, response) => {
    const nowMs = performance.now();
    freeAtMs = Math.max(nowMs, freeAtMs) + 10;
    setTimeout(() => response.end(), freeAtMs - nowMs);
  });
  const { code, result } = await load([
    server.url,
    '--find-knee',
    '--rate',
    '20',
    '--goal',
    'p90=250ms',
    '--for',
    '1s',
    '--warmup',
    '200ms',
  ]);
  expect(code).toBe(0);
  expect(result.knee!.ratePerS).toBeGreaterThanOrEqual(15);
  expect(result.knee!.ratePerS).toBeLessThan(200);
  expect(result.knee!.missedAtPerS).toBeGreaterThan(result.knee!.ratePerS!);
});

describe('exit codes', () => {
  it('1 when requests fail, unless a goal allows it', async () => {
    let count = 0;
    using server = await serve((_, response) => response.writeHead(++count % 4 === 0 ? 500 : 200).end());
    const { code, result } = await load([server.url, '--rate', '100', ...QUICK]);
    expect(code).toBe(1);
    expect(result).toMatchObject({ verdict: 'failures', requests: { errors: { status: result.requests.failed } } });
    expect(Math.abs(result.requests.failed / result.requests.due - 0.25)).toBeLessThan(0.03);
    expect((await load([server.url, '--rate', '100', ...QUICK, '--goal', 'errors=40%'])).code).toBe(0);
  });

  it('1 when a goal is missed', async () => {
    using server = await serve((_, response) => setTimeout(() => response.end(), 60));
    const { code, result } = await load([server.url, '--rate', '50', ...QUICK, '--goal', 'p50=50ms', '--goal', 'errors=0%']);
    expect(code).toBe(1);
    expect(result.goals.map(({ goal, met }) => [goal, met])).toEqual([
      ['p50=50ms', false],
      ['errors=0%', true],
    ]);
  });

  it('3 when nothing is answered', async () => {
    using server = await serve(() => {});
    const { code, result } = await load([server.url, '--rate', '50', ...QUICK, '--timeout', '200ms']);
    expect({ code, verdict: result.verdict, errors: Object.keys(result.requests.errors) }).toEqual({
      code: 3,
      verdict: 'no-answer',
      errors: ['timeout'],
    });
  });

  it('3 when nobody listens', async () => {
    const { code, stderr } = await ddx(['load', `:${await freePort()}`, '--wait', '300ms']);
    expect(stderr).toMatch(/can't be reached: the connection was refused \(waited 0.3 s\)/);
    expect(code).toBe(3);
  });

  it.each([
    [[], /no URL/],
    [['http://[::x'], /is not a URL/],
    [['ftp://localhost/'], /can't be loaded/],
    [['http://me:secret@localhost/'], /user or password/],
    [['10.1.2.3', '--rate', '5'], /10\.1\.2\.3 is another machine.*--yes-i-own-this-target/s],
    [[':1', '--rate', '5', '--connections', '5'], /--rate and --connections exclude each other/],
    [[':1', '--rate', '5', '--ramp', '5..9'], /--rate and --ramp exclude each other/],
    [[':1', '--ramp', '5-9'], /--ramp takes two rates/],
    [[':1', '--goal', 'p99=300'], /--goal takes METRIC=LIMIT/],
    [[':1', '--connections', '5', '--arrivals', 'uniform'], /makes no sense/],
    [[':1/x', '--path', '/y'], /URL has a path/],
    [[':1', '--header', 'nonsense'], /--header takes/],
    [[':1', '--for', '0'], /measures nothing/],
    [[':1', '--scenario', 'a.har', '--path', '/x'], /--scenario and --path exclude/],
    [[':1', '--scenario', 'a.yaml'], /takes a \.mjs, a \.har/],
    [[':1', '--trace', 'no-such.log'], /no-such\.log can't be read/],
    [[':1', '--arrivals', 'trace'], /needs recorded times/],
    [[':1', '--find-knee'], /needs a goal/],
    [[':1', '--find-knee', '--goal', 'p99=1s', '--connections', '5'], /one rate after the other/],
    [[':1', '--streams', '5'], /over HTTP\/2 only/],
  ])('2 for %j', async (args, message) => {
    const { code, stdout, stderr } = await ddx(['load', ...args], { cwd: folder.path });
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
