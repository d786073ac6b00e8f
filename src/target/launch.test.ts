import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launch, type Target } from './launch.js';
import { isSameProcess, processTree } from './process-tree.js';
import { awaitServing, portIsFree, type ServingOptions } from './serving.js';
import { stopTarget } from './stop.js';

let folder = '';
let running: Target | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ddx-launch-'));
});
afterEach(async () => {
  if (running) await stopTarget(running);
  running = null;
  rmSync(folder, { recursive: true });
});

async function start(...command: string[]): Promise<Target> {
  running = await launch({ command, env: { FROM_DDX: 'yes' }, folder, stdoutToStderr: true });
  return running;
}

const serving = (options: Partial<ServingOptions> = {}): ServingOptions => ({
  command: ['the', 'command'],
  port: null,
  hintedPort: null,
  startupMs: 20_000,
  announced: () => [],
  signal: new AbortController().signal,
  ...options,
});

const SERVE = (ports: string) => `
  for (const port of [${ports}]) {
    const server = require('node:http').createServer((_, res) => res.end());
    server.listen(port, '127.0.0.1', () => require('node:fs').appendFileSync(process.env.PORTS_FILE, server.address().port + ' '));
  }`;

describe.skipIf(process.platform === 'win32')('launch', () => {
  it('says that there is no such command, and what was probably meant', async () => {
    await expect(start('no-such-command-here')).rejects.toMatchObject({ code: 'DDX_COMMAND_NOT_FOUND', message: /no-such-command-here/ });
    await expect(start('server.js')).rejects.toMatchObject({ next: expect.stringContaining('node server.js') });
    const file = join(folder, 'plain.sh');
    writeFileSync(file, 'exit 0', { mode: 0o600 });
    await expect(start(file)).rejects.toMatchObject({ message: expect.stringContaining('not executable') });
    expect(readdirSync(folder)).toEqual(['plain.sh']);
  });

  it('hands over environment, stderr (also as /dev/stderr) and the exit code', async () => {
    const target = await start('sh', '-c', 'echo "got $FROM_DDX" > /dev/stderr; exit 7');
    expect(await target.exited).toEqual({ code: 7, signal: null });
    await target.drained();
    expect(target.stderrTail()).toEqual(['got yes']);
  });

  it('ends also what the target leaves behind', async () => {
    const target = await start('sh', '-c', 'sleep 100 & sh -c "sleep 100 & wait" & wait');
    await expect.poll(() => processTree(target.pid).length).toBe(4);
    const all = processTree(target.pid);
    await stopTarget(target);
    expect(processTree(target.pid)).toEqual([]);
    expect(all.filter(isSameProcess)).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('awaitServing', () => {
  it('finds the port of a process that tells nothing', async () => {
    process.env['PORTS_FILE'] = join(folder, 'ports');
    const target = await start('node', '-e', SERVE('0'));
    expect(await awaitServing(target, serving())).toMatchObject({ host: '127.0.0.1', pid: target.pid, otherPorts: [] });
  });

  it('prefers the hinted one of two ports, and names the other', async () => {
    process.env['PORTS_FILE'] = join(folder, 'ports');
    const target = await start('node', '-e', SERVE('45871, 45872'));
    const announced = () => [45871, 45872].map((port) => ({ port, address: '127.0.0.1', pid: target.pid }));
    expect(await awaitServing(target, serving({ announced, hintedPort: 45872 }))).toMatchObject({ port: 45872, otherPorts: [45871] });
    expect(await awaitServing(target, serving({ announced }))).toMatchObject({ port: 45871, otherPorts: [45872] });
    expect(await awaitServing(target, serving({ port: 45872 }))).toMatchObject({ port: 45872 });
    await expect(portIsFree(45871)).rejects.toMatchObject({ code: 'DDX_PORT_TAKEN', message: expect.stringContaining(String(target.pid)) });
  });

  it('tells silence from a port that speaks no HTTP', async () => {
    const quiet = await start('sleep', '100');
    await expect(awaitServing(quiet, serving({ startupMs: 300 }))).rejects.toMatchObject({ code: 'DDX_TARGET_SILENT' });
    await stopTarget(quiet);
    const deaf = await start('node', '-e', 'require("node:net").createServer((s) => s.end("220 mail\\r\\n")).listen(0)');
    await expect(awaitServing(deaf, serving({ startupMs: 3000 }))).rejects.toMatchObject({ code: 'DDX_TARGET_UNREACHABLE' });
  });

  it('reports an early end with the last words', async () => {
    const target = await start('node', '-e', 'console.error("cannot find the database"); process.exit(9)');
    await expect(awaitServing(target, serving())).rejects.toMatchObject({
      code: 'DDX_TARGET_EXITED',
      message: expect.stringMatching(/exited with code 9[\s\S]*cannot find the database/),
    });
  });

  it('gives up at once when interrupted', async () => {
    const target = await start('sleep', '100');
    expect(await awaitServing(target, serving({ signal: AbortSignal.timeout(100) }))).toBeNull();
  });
});
