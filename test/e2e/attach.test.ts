import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bystanders, expectSame, keptAlive, settled } from './kit/bystanders.js';
import { ddx, FIXTURES, freePort, isAlive, reportOf, start, traffic } from './kit/ddx.js';

let around: ReturnType<typeof bystanders>;
beforeEach(() => {
  around = bystanders();
});
afterEach(() => around.end());

const serve = (...args: string[]) => around.serve(...args);
const attach = (...args: string[]) => ddx(['attach', ...args], { env: { TMPDIR: around.folder.path } });
const SOURCE = readFileSync(join(FIXTURES, 'attached.cjs'), 'utf8').split('\n');
const lineOf = (mark: string) => SOURCE.findIndex((text) => text.includes(`//@${mark}`)) + 1;

describe.runIf(process.platform === 'linux')('ddx attach', () => {
  it('names the line and the route of a server that runs already, and leaves it as it was', async () => {
    const server = await serve();
    const clients = keptAlive(server.port);
    await delay(500);
    const before = await clients.traces();
    const outside = traffic(server.port, '/report/7?token=secret');
    const finished = await attach(`:${server.port}`, '--for', '4s', '--json');
    await outside.stop();
    const report = reportOf(finished);
    expect(report.verdict, report.summary).toBe('sick');
    expect(report.findings[0]).toMatchObject({
      rule: 'runtime/event-loop-blocked',
      route: 'GET /report/:id',
      location: { file: 'attached.cjs', function: 'buildReport' },
    });
    expect(Math.abs(report.findings[0]!.location!.line - lineOf('report'))).toBeLessThanOrEqual(3);
    expect(report.routes.map(({ route }) => route)).toEqual(expect.arrayContaining(['GET /fine', 'GET /report/:id']));
    expect(finished.stdout).not.toContain('secret');
    expect(finished.code).toBe(1);
    await expectSame(before, clients.traces);
    await clients.stop();
    expect(clients.count.failed).toBe(0);
    expect(isAlive(Number(server.pid))).toBe(true);
  });

  it('a loop that does not turn: line, function and URL path, without a trace of the query', async () => {
    const server = await serve();
    get({ host: '127.0.0.1', port: server.port, path: '/stuck/7?token=secret' }).on('error', () => {});
    await delay(300);
    const finished = await attach(server.pid, '--for', '60s', '--json');
    const report = reportOf(finished);
    expect(report.findings[0]).toMatchObject({
      rule: 'runtime/event-loop-blocked',
      location: { file: 'attached.cjs', function: 'neverEnds', line: lineOf('stuck') },
    });
    expect(report.findings[0]!.summary).toContain('/stuck/7');
    expect(report.findings[0]!.confidence).toBeGreaterThan(0.9);
    expect(finished.stdout + finished.stderr).not.toContain('secret');
    expect(report.window.durationS).toBeLessThan(40);
    expect(isAlive(Number(server.pid))).toBe(true);
    expect(server.said()).toContain('Debugger attached');
  });

  it('ten times in a row: no failed request, nothing left, no growth', async () => {
    const server = await serve();
    const clients = keptAlive(server.port);
    const reports = [await attach(server.pid, '--for', '200ms', '--json')];
    const before = await settled(clients.traces);
    for (let i = 1; i < 10; i++) reports.push(await attach(server.pid, '--for', '200ms', '--json'));
    for (const finished of reports) expect(reportOf(finished).requests.count, finished.stderr).toBeGreaterThan(0);
    await expectSame(before, clients.traces);
    expect((await clients.traces()).heapBytes - before.heapBytes).toBeLessThan(4e6);
    await clients.stop();
    expect(clients.count.failed).toBe(0);
    expect(clients.count.answered).toBeGreaterThan(100);
    expect(server.said()).not.toContain('MaxListenersExceeded');
  });

  it('ddx is killed: the probe withdraws by itself; meanwhile no second one gets in', async () => {
    const server = await serve();
    const clients = keptAlive(server.port);
    await delay(500);
    const before = await clients.traces();
    const running = start(['attach', server.pid, '--for', '60s'], { env: { TMPDIR: around.folder.path } });
    await running.said(/\brecording$/m);
    expect(await clients.traces()).not.toMatchObject({ hooks: before.hooks, heard: before.heard });
    const second = await attach(server.pid, '--for', '200ms', '--json');
    expect(second.stderr).toContain('another ddx is attached');
    running.child.kill('SIGKILL');
    await running.finished;
    await expectSame(before, clients.traces);
    await clients.stop();
    expect(clients.count.failed).toBe(0);
  });

  it('an application that handles SIGUSR1 itself is never signalled', async () => {
    const server = await serve('attached.cjs', 'handles-signal');
    for (const args of [[], ['--force-signal']]) {
      const finished = await attach(server.pid, '--for', '300ms', '--json', ...args);
      expect(finished.stderr).toContain('SIGUSR1 handler of its own');
      expect(reportOf(finished)).toMatchObject({ verdict: 'inconclusive', target: { runtime: 'node' } });
      expect(finished.code).toBe(4);
    }
    expect(server.said()).not.toContain('Debugger');
    expect(server.said()).not.toContain('application was signalled');
  });

  it('workers of a cluster, all of them', async () => {
    const port = await freePort();
    const child = spawn(process.execPath, [`--inspect-port=${await freePort()}`, 'cluster.cjs'], {
      cwd: FIXTURES,
      env: { ...process.env, NODE_OPTIONS: '', PORT: String(port) },
      stdio: 'ignore',
    });
    around.children.push(child);
    const outside = traffic(port);
    while ((await fetch(`http://127.0.0.1:${port}/`).catch(() => null)) === null) await delay(50);
    const finished = await attach(`:${port}`, '--for', '2s', '--json');
    expect(await outside.stop()).toBeGreaterThan(0);
    const report = reportOf(finished);
    expect(report.target.processes).toBe(3);
    expect(report.requests.count, finished.stderr).toBeGreaterThan(5);
  });

  it('what is no Node.js is seen from outside; what is not there is an error', async () => {
    const child = spawn('tail', ['-f', '/dev/null'], { stdio: 'ignore' });
    around.children.push(child);
    const finished = await attach(String(child.pid), '--for', '500ms', '--json');
    expect(finished.stderr).toContain('it is tail, not Node.js');
    expect(reportOf(finished)).toMatchObject({ verdict: 'inconclusive', target: { runtime: 'tail' } });
    child.kill();
    await new Promise((resolve) => child.once('exit', resolve));
    const gone = await attach(String(child.pid));
    expect(gone).toMatchObject({ code: 3, stdout: '' });
    expect(gone.stderr).toContain('DDX_NO_PROCESS');
    expect(await attach('somewhere')).toMatchObject({ code: 2 });
  });
});
