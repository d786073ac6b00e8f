import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { FIXTURES, freePort, privateFolder } from './ddx.js';

export interface Server {
  pid: string;
  port: number;
  said(): string;
}

/** Servers of one test, in a folder of its own in which ddx must leave nothing. */
export function bystanders() {
  const folder = privateFolder();
  const children: ChildProcess[] = [];
  /** A server that nobody started for ddx. */
  const serve = async (fixture = 'attached.cjs', ...args: string[]): Promise<Server> => {
    const node = ['--expose-gc', '--expose-internals', `--inspect-port=${await freePort()}`];
    const child = spawn(process.execPath, [...node, fixture, ...args], {
      cwd: FIXTURES,
      env: { ...process.env, NODE_OPTIONS: '', TMPDIR: folder.path },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    while (!/serving on \d+/.test(said)) {
      if (child.exitCode !== null) throw new Error(`the server ended: ${said}`);
      await delay(20);
    }
    return { pid: String(child.pid), port: Number(/serving on (\d+)/.exec(said)![1]), said: () => said };
  };
  return {
    folder,
    children,
    serve,
    end() {
      for (const child of children) child.kill('SIGKILL');
      const left = readdirSync(folder.path).filter((name) => name.startsWith('ddx-'));
      folder.remove();
      expect(left).toEqual([]);
    },
  };
}

/** Keeps a few connections busy and counts what goes wrong. */
export function keptAlive(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const count = { answered: 0, failed: 0 };
  let going = true;
  const ask = (path: string) =>
    new Promise<string>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => {
          body += text;
        });
        response.on('end', () => (response.statusCode === 200 ? resolve(body) : reject(new Error(String(response.statusCode)))));
      }).on('error', reject);
    });
  const loops = Array.from({ length: 4 }, async () => {
    while (going) {
      await ask('/fine').then(
        () => count.answered++,
        () => count.failed++,
      );
      await delay(5);
    }
  });
  return {
    count,
    traces: async () => JSON.parse(await ask('/traces')) as Record<string, unknown> & { heapBytes: number },
    async stop() {
      going = false;
      await Promise.all(loops);
      agent.destroy();
    },
  };
}

/** What there is once it no longer changes: a descriptor of what has just ended may still be closing. */
export async function settled(now: () => Promise<Record<string, unknown> & { heapBytes: number }>) {
  for (let last = ''; ; await delay(200)) {
    const seen = await now();
    const { heapBytes: _, ...rest } = seen;
    if (JSON.stringify(rest) === last) return seen;
    last = JSON.stringify(rest);
  }
}

/** Waits until nothing is left, or tells what is. */
export async function expectSame(before: object, now: () => Promise<object>): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  const { heapBytes: _, ...wanted } = before as Record<string, unknown>;
  for (;;) {
    const { heapBytes: __, ...seen } = (await now()) as Record<string, unknown>;
    if (JSON.stringify(seen) === JSON.stringify(wanted) || performance.now() > deadlineMs) {
      expect(seen).toEqual(wanted);
      return;
    }
    await delay(200);
  }
}
