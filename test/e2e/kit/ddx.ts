import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Report } from '../../../src/model/report.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const CLI = process.env['DDX_CLI'] ?? join(ROOT, 'dist/cli.js');

export const FIXTURES = join(ROOT, 'test/e2e/fixtures');
export const BIN = join(ROOT, 'node_modules/.bin');

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** The same, byte for byte, as latin1. */
  raw: { stdout: string; stderr: string };
}

/** The built ddx, running. */
export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  stdout(): string;
  stderr(): string;
  /** Waits until it has written something to stderr that matches. */
  said(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
}

export interface Surroundings {
  cwd?: string;
  env?: Record<string, string>;
}

/** A folder of this test's own, also used as TMPDIR, so that leftovers show. */
export function privateFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

export function start(args: readonly string[], { cwd = FIXTURES, env = {} }: Surroundings = {}): Running {
  const clean = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', CI: '1', LANG: 'C.UTF-8', ...env };
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env: clean, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('latin1').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout: utf8(said.stdout), stderr: utf8(said.stderr), raw: said }));
  });
  return {
    child,
    finished,
    stdout: () => utf8(said.stdout),
    stderr: () => utf8(said.stderr),
    async said(pattern, withinMs = 30_000) {
      const deadlineMs = performance.now() + withinMs;
      for (;;) {
        const match = pattern.exec(utf8(said.stderr));
        if (match) return match;
        if (child.exitCode !== null || performance.now() > deadlineMs) throw new Error(`ddx never said ${pattern}:\n${said.stderr}`);
        await delay(20);
      }
    },
  };
}

export function ddx(args: readonly string[], surroundings?: Surroundings): Promise<Finished> {
  return start(args, surroundings).finished;
}

/** Fails unless stdout is one JSON document and nothing else. */
export function reportOf({ stdout, stderr }: { stdout: string; stderr: string }): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    throw new Error(`stdout is not one JSON document:\n${stdout.slice(0, 2000)}\nstderr:\n${stderr}`);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** Traffic from outside: requests to `path`, one after the other, until told to stop. Returns how many were answered. */
export function traffic(port: number, path = '/'): { stop(): Promise<number> } {
  let going = true;
  let answered = 0;
  const done = (async () => {
    while (going) {
      try {
        await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
        answered++;
      } catch {
        await delay(50);
      }
      await delay(10);
    }
  })();
  return {
    async stop() {
      going = false;
      await done;
      return answered;
    },
  };
}

/** A process that ended and that nobody has asked about yet (a zombie) is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux';
  }
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
