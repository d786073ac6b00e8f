import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ddx, FIXTURES, freePort, isAlive, privateFolder, reportOf, start } from './kit/ddx.js';

let folder: ReturnType<typeof privateFolder>;
beforeEach(() => {
  folder = privateFolder();
});
afterEach(() => {
  // Whatever went wrong: nothing may be left behind.
  const left = readdirSync(folder.path).filter((name) => name.startsWith('ddx-'));
  folder.remove();
  expect(left).toEqual([]);
});

const env = (more: Record<string, string> = {}) => ({ env: { TMPDIR: folder.path, ...more } });
const QUICK = ['--for', '1500ms', '--warmup', '300ms'];

describe('the command line', () => {
  it.each([
    [['run', '--rate', '0', '--', 'node', 'server.cjs'], /--rate 0 can't be used.*more than 0/s],
    [['run', '--rate', 'fast', '--', 'node', 'server.cjs'], /--rate fast can't be used/],
    [['run', '--for', 'abc', '--', 'node', 'server.cjs'], /--for abc can't be used.*30s/s],
    [['run', '--for', '0', '--', 'node', 'server.cjs'], /--for 0 records nothing/],
    [['run', '--rat', '5', '--', 'node', 'server.cjs'], /no option --rat\b.*Did you mean --rate\?/s],
    [['run', '--port', '99999', '--', 'node', 'server.cjs'], /--port 99999 can't be used.*65535/s],
    [['run', '--depth', 'abyss', '--', 'node', 'server.cjs'], /--depth abyss can't be used.*standard/s],
    [['run', '--output', 'pdf=x', '--', 'node', 'server.cjs'], /--output pdf=x can't be used.*html/s],
    [['run', '--rate', '--', 'node', 'server.cjs'], /--rate needs a value/],
    [['run', '--rate', '5', '--connections', '5', '--', 'node', 'server.cjs'], /exclude each other/],
    [['run', 'node', 'server.cjs'], /ddx run -- node server.cjs/],
    [['run'], /no command to run.*ddx run/s],
    [['runn', '--', 'node', 'server.cjs'], /no command "runn".*Did you mean run\?/s],
    [['show', 'a.ddx', 'b.ddx'], /one recording/],
    [['explain', 'event-lop-blocked'], /Did you mean runtime\/event-loop-blocked\?/],
  ])('%j is refused with what to do instead', async (args, message) => {
    const { code, stdout, stderr } = await ddx(args, env());
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\bat .*\(.*:\d+:\d+\)/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('a path of requests that nobody can read is refused', async () => {
    const { code, stderr } = await ddx(['run', '--rate', '5', '--path', 'orders', '--', 'node', 'server.cjs'], env());
    expect(stderr).toMatch(/orders/);
    expect(code).toBe(2);
  });

  it.each([
    ['--out', (path: string) => path],
    ['--output', (path: string) => `html=${path}`],
  ])('an unwritable %s is refused before anything is started', async (option, value) => {
    const marker = join(folder.path, 'started');
    const command = ['--', 'node', '-e', `require('fs').writeFileSync(${JSON.stringify(marker)}, '')`];
    for (const path of [join(folder.path, 'no/such/folder/x'), folder.path, '/proc/ddx-x']) {
      const { code, stdout, stderr } = await ddx(['run', option, value(path), ...command], env());
      expect(stderr).toContain(path);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    }
    expect(existsSync(marker)).toBe(false);
  });

  it('keeps what is in the file of --out until there is something new', async () => {
    const out = join(folder.path, 'old.ddx');
    writeFileSync(out, 'precious');
    const { code } = await ddx(['run', '--out', out, '--', 'no-such-command'], env());
    expect(code).toBe(3);
    expect(existsSync(out)).toBe(true);
  });
});

describe('a target that does not serve', () => {
  it('command not found', async () => {
    const { code, stdout, stderr } = await ddx(['run', '--json', '--', 'no-such-command', '--flag'], env());
    expect(stderr).toMatch(/no command "no-such-command"/);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });

  it('exits at once: its stderr is shown', async () => {
    const { code, stderr } = await ddx(['run', '--', 'node', '-e', 'console.error("no database"); process.exit(3)'], env());
    expect(stderr).toMatch(/^no database$/m);
    expect(stderr).toMatch(/exited with code 3 after .* before it served a request/);
    expect(stderr).toContain('DDX_TARGET_EXITED');
    expect(code).toBe(3);
  });

  it('is killed before it serves', async () => {
    const { code, stderr } = await ddx(['run', '--', 'node', '-e', 'process.kill(process.pid, "SIGKILL")'], env());
    expect(stderr).toMatch(/was ended by SIGKILL/);
    expect(code).toBe(3);
  });

  it('never listens: it is told how long was waited, and ended', async () => {
    const running = start(
      ['run', '--startup', '1500ms', '--', 'node', '-e', 'console.error("pid " + process.pid); setInterval(() => {}, 1e3)'],
      env(),
    );
    const pid = Number((await running.said(/^pid (\d+)$/m))[1]);
    const { code, stderr } = await running.finished;
    expect(stderr).toMatch(/listened on no TCP port within 1.5 s/);
    expect(stderr).toMatch(/--startup/);
    expect(code).toBe(3);
    expect(isAlive(pid)).toBe(false);
  });

  it('listens, but speaks no HTTP', async () => {
    const script = 'require("net").createServer((s) => s.end("220 mail")).listen(0)';
    const { code, stderr } = await ddx(['run', '--startup', '2s', '--', 'node', '-e', script], env());
    expect(stderr).toMatch(/listens on port \d+, but nothing there answered HTTP/);
    expect(code).toBe(3);
  });

  it('finds its port taken', async () => {
    const server = createServer((_, res) => res.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const taken = await ddx(['run', '--', 'node', 'server.cjs'], env({ PORT: String(port) }));
    expect(taken.stderr).toContain(`Port ${port} is already in use by process ${process.pid}`);
    expect(taken.stderr).toContain('DDX_PORT_TAKEN');
    expect(taken.code).toBe(3);
    const asked = await ddx(['run', '--port', String(port), '--', 'node', 'server.cjs'], env());
    expect(asked.stderr).toContain(`Port ${port} is already in use`);
    expect(asked.stdout).toBe('');
    expect(asked.code).toBe(3);
    server.close();
  });
});

describe('a target that serves, in a way', () => {
  it('on two ports: says which was chosen and how to choose', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const command = ['--', 'node', 'two-ports.cjs', String(first), String(second)];
    const one = await ddx(['run', '--json', '--rate', '20', ...QUICK, ...command], env());
    expect(one.stderr).toMatch(new RegExp(`listens on ${first} and ${second}; using ${first} \\(choose with --port`));
    expect(reportOf(one).target.port).toBe(first);
    const other = await ddx(['run', '--json', '--rate', '20', ...QUICK, '--port', String(second), ...command], env());
    expect(reportOf(other).target.port).toBe(second);
    const hinted = await ddx(['run', '--json', '--rate', '20', ...QUICK, ...command], env({ PORT: String(second) }));
    expect(reportOf(hinted).target.port).toBe(second);
  });

  it('crashes midway: reports what was seen until then', async () => {
    const out = join(folder.path, 'crash.ddx');
    const port = await freePort();
    const running = start(
      ['run', '--json', '--rate', '40', '--for', '20s', '--warmup', '200ms', '--out', out, '--', 'node', 'server.cjs'],
      env({ PORT: String(port) }),
    );
    await running.said(/\brecording$/m);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await fetch(`http://127.0.0.1:${port}/crash`).catch(() => {});
    const finished = await running.finished;
    const report = reportOf(finished);
    expect(report.window.endedBy).toBe('target-exit');
    expect(report.target.exit).toMatchObject({ code: 1, signal: null });
    expect(report.target.exit?.stderrTail.join('\n')).toContain('the disk is on fire');
    expect(finished.stderr).toContain('the disk is on fire');
    expect(report.requests.count).toBeGreaterThan(20);
    expect(finished.code).toBe(3);
    const shown = await ddx(['show', '--json', out], env());
    expect(shown.stdout).toBe(finished.stdout);
  });

  it('is no Node.js process: goes on with what can be seen from outside', async () => {
    const finished = await ddx(['run', '--json', '--rate', '30', ...QUICK, '--', 'env', '-u', 'NODE_OPTIONS', 'node', 'server.cjs'], env());
    const report = reportOf(finished);
    expect(finished.stderr).toMatch(/not a Node\.js process that loads the probe/);
    expect(report.requests.count).toBeGreaterThan(20);
    expect(report.notExamined.map(({ rule }) => rule)).toContain('runtime/event-loop-blocked');
    expect(report.warnings.join('\n')).toMatch(/probe was not recorded/);
  });

  it('answers nothing but errors: that is the finding', async () => {
    const finished = await ddx(['run', '--json', '--rate', '40', '--path', '/fail', ...QUICK, '--', 'node', 'server.cjs'], env());
    const report = reportOf(finished);
    expect(report.requests.errors).toBe(report.requests.count);
    expect(report.findings).toContainEqual(expect.objectContaining({ rule: 'http/error-responses', role: 'root-cause' }));
    expect(finished.code).toBe(1);
  });

  it('is asked nothing: inconclusive, with the reason', async () => {
    const finished = await ddx(['run', '--json', '--for', '1s', '--', 'node', 'server.cjs'], env());
    const report = reportOf(finished);
    expect(report.requests.count).toBe(0);
    expect(report).toMatchObject({ verdict: 'inconclusive', summary: expect.stringContaining('No request') });
    expect(finished.code).toBe(4);
  });
});

it('has a fixture for each of these', () => {
  expect(readdirSync(FIXTURES)).toEqual(expect.arrayContaining(['server.cjs', 'two-ports.cjs']));
});
