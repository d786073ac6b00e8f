import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIXTURES } from './kit/ddx.js';

const CLI = process.env['DDX_CLI'] ?? resolve(import.meta.dirname, '../../dist/cli.js');
const SERVER = 'console.error("a terminal: " + process.stderr.isTTY + " " + process.stdout.isTTY); require("./server.cjs")';

/** Whatever appears on a terminal of 100 x 30 in which ddx runs. */
function onTerminal(args: readonly string[], env: Record<string, string> = {}): string {
  const quoted = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const clean = { ...process.env, NODE_OPTIONS: '', CI: '', TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env };
  try {
    return execFileSync('script', ['-qec', `stty cols 100 rows 30; ${quoted}`, '/dev/null'], {
      cwd: FIXTURES,
      env: clean,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch (error) {
    // The report's own exit code.
    return (error as { stdout: string }).stdout;
  }
}

const canScript = (): boolean => {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
};

describe.runIf(canScript())('on a terminal', () => {
  const run = ['run', '--rate', '20', '--for', '2s', '--warmup', '0s', '--', 'node', '-e', SERVER];

  it('the target still has one; progress has a line of its own and gives it back', () => {
    const seen = onTerminal(run);
    expect(seen).toContain('a terminal: true true\r\n');
    expect(seen).toContain('\x1b[1;29r');
    expect(seen).toMatch(/ddx {2}recording {2}\d of 2 s {2}\d+ requests/);
    expect(seen.lastIndexOf('\x1b[r')).toBeGreaterThan(seen.lastIndexOf('\x1b[1;29r'));
    expect(seen.slice(seen.lastIndexOf('\x1b[r'))).toContain('\x1b[1m');
  });

  it('no colour where none is wanted', () => {
    const seen = onTerminal(run, { NO_COLOR: '1' });
    const report = seen.slice(seen.lastIndexOf('\x1b8'));
    expect(report).toContain('GET /');
    expect(report).not.toContain('\x1b[1m');
  });

  it('--json: the target keeps the terminal through stderr', () => {
    expect(onTerminal(['run', '--json', ...run.slice(1)])).toContain('a terminal: true true\r\n');
  });
});

it.runIf(canScript())('colour in a pipe only when it is forced', () => {
  const shown = (env: Record<string, string>) =>
    execFileSync(process.execPath, [CLI, 'explain', 'error-responses'], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '', ...env },
    });
  expect(shown({ FORCE_COLOR: '' })).not.toContain('\x1b[');
  expect(shown({ FORCE_COLOR: '1' })).toContain('\x1b[1m');
});
