import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ddx, FIXTURES, freePort, isAlive, privateFolder, reportOf, start, traffic } from './kit/ddx.js';

let folder: ReturnType<typeof privateFolder>;
let port = 0;
beforeEach(async () => {
  folder = privateFolder();
  port = await freePort();
});
afterEach(() => {
  const left = readdirSync(folder.path).filter((name) => name.startsWith('ddx-'));
  folder.remove();
  expect(left).toEqual([]);
});

const env = (more: Record<string, string> = {}) => ({ env: { TMPDIR: folder.path, PORT: String(port), ...more } });
const pidOf = async (running: ReturnType<typeof start>) => Number((await running.said(/^serving as (\d+)$/m))[1]);

/** Status line, headers in their order and body of three answers; empty where nobody listens. */
async function answers(from: number): Promise<unknown[]> {
  const ask = (path: string) =>
    new Promise<unknown>((resolve, reject) => {
      get({ port: from, path, headers: { 'x-question': 'who?' } }, (res) => {
        let body = '';
        res.setEncoding('utf8').on('data', (text) => {
          body += text;
        });
        const headers = res.rawHeaders.map((text, i) => (res.rawHeaders[i - 1] === 'Date' ? '' : text));
        res.on('end', () => resolve({ status: res.statusCode, message: res.statusMessage, headers, body }));
      }).on('error', reject);
    });
  return Promise.all(['/', '/echo', '/fail'].map(ask)).catch(() => []);
}

describe('interrupted', () => {
  it('SIGINT during traffic from outside: one JSON document, exit 130', async () => {
    const running = start(['run', '--json', '--', 'node', 'server.cjs'], env());
    const pid = await pidOf(running);
    await running.said(/\brecording$/m);
    const outside = traffic(port);
    await delay(2000);
    running.child.kill('SIGINT');
    const finished = await running.finished;
    await outside.stop();
    const report = reportOf(finished);
    expect(report.window.endedBy).toBe('interrupted');
    expect(report.requests.count).toBeGreaterThan(10);
    expect(finished.code).toBe(130);
    expect(isAlive(pid)).toBe(false);
  });

  it('with a load: one JSON document, exit 130', async () => {
    const running = start(['run', '--json', '--rate', '50', '--warmup', '200ms', '--for', '60s', '--', 'node', 'server.cjs'], env());
    await running.said(/\brecording$/m);
    await delay(1500);
    running.child.kill('SIGINT');
    const finished = await running.finished;
    expect(reportOf(finished).requests.count).toBeGreaterThan(20);
    expect(finished.code).toBe(130);
  });

  it('before the target serves: still one JSON document', async () => {
    const running = start(['run', '--json', '--', 'node', '-e', 'console.error("waiting"); setInterval(() => {}, 1e3)'], env());
    await running.said(/^waiting$/m);
    running.child.kill('SIGINT');
    const finished = await running.finished;
    expect(reportOf(finished)).toMatchObject({ verdict: 'inconclusive' });
    expect(finished.code).toBe(130);
  });

  it('twice: ends at once, and so does a target that would not', async () => {
    const script = 'process.on("SIGINT", () => {}); process.on("SIGTERM", () => {}); require("./server.cjs")';
    const running = start(['run', '--', 'node', '-e', script], env());
    await running.said(/\brecording$/m);
    const pid = Number(/serving as (\d+)/.exec(running.stdout())?.[1]);
    running.child.kill('SIGINT');
    await delay(300);
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    expect(isAlive(pid)).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s reaches the target exactly once, as itself', async (signal) => {
    const seen = join(folder.path, 'signals');
    const running = start(['run', '--json', '--', 'node', 'signals.cjs'], env({ SIGNALS_FILE: seen }));
    await running.said(/\brecording$/m);
    running.child.kill(signal);
    await running.finished;
    expect(readFileSync(seen, 'utf8')).toBe(`${signal}\n`);
  });

  it('SIGKILL: a target that writes to its stderr goes on, and is still heard', async () => {
    const script = 'setInterval(() => process.stderr.write("still here\\n"), 200); require("./server.cjs")';
    const running = start(['run', '--json', '--', 'node', '-e', script], env());
    const pid = await pidOf(running);
    await running.said(/\brecording$/m);
    running.child.kill('SIGKILL');
    try {
      const before = running.stderr().length;
      await expect.poll(() => running.stderr().slice(before), { timeout: 5000 }).toMatch(/(still here\n){5}/);
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
      await expect.poll(() => readdirSync(folder.path), { timeout: 5000 }).toEqual([]);
    } finally {
      process.kill(pid, 'SIGTERM');
    }
    // Its end is the end of what carried its words.
    await running.finished;
  });

  it('SIGKILL: the target goes on, and nothing is left behind', async () => {
    const out = join(folder.path, 'killed.ddx');
    const running = start(
      ['run', '--json', '--rate', '30', '--warmup', '0s', '--for', '60s', '--out', out, '--', 'node', 'server.cjs'],
      env(),
    );
    const pid = await pidOf(running);
    await running.said(/\brecording$/m);
    await delay(6500);
    running.child.kill('SIGKILL');
    try {
      await expect.poll(() => readdirSync(folder.path), { timeout: 5000 }).toEqual(['killed.ddx']);
      for (let i = 0; i < 5; i++) expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
    } finally {
      process.kill(pid, 'SIGTERM');
    }
    const saved = reportOf(await ddx(['show', '--json', out]));
    expect(saved.requests.count).toBeGreaterThan(20);
  });
});

describe('the target', () => {
  it('keeps its stdout and stderr, byte for byte, to its last word', async () => {
    const plain = await ddx(['run', '--rate', '20', '--for', '1s', '--warmup', '0s', '--', 'node', 'talkative.cjs'], env());
    expect(plain.raw.stdout.startsWith('a\x1b[31m\xff\xfe\r\nserving as ')).toBe(true);
    expect(plain.stdout).toContain('\nlast word\n');
    expect(plain.raw.stderr).toContain('b\x1b[31m\xff\xfe\r\n');
    expect(plain.stderr).toMatch(/^last groan$/m);
    const json = await ddx(['run', '--json', '--rate', '20', '--for', '1s', '--warmup', '0s', '--', 'node', 'talkative.cjs'], env());
    reportOf(json);
    expect(json.raw.stderr).toContain('a\x1b[31m\xff\xfe\r\n');
    expect(json.raw.stderr).toContain('b\x1b[31m\xff\xfe\r\n');
    expect(json.stderr).toMatch(/^last word$/m);
    expect(json.stderr).toMatch(/^last groan$/m);
  });

  it('answers as it does without ddx', async () => {
    const alone = spawn(process.execPath, [join(FIXTURES, 'server.cjs')], { env: { ...process.env, PORT: String(port) }, stdio: 'ignore' });
    await expect.poll(() => answers(port)).toHaveLength(3);
    const expected = await answers(port);
    alone.kill();
    await once(alone, 'exit');
    const running = start(['run', '--json', '--for', '3s', '--', 'node', 'server.cjs'], env());
    await running.said(/\brecording$/m);
    expect(await answers(port)).toEqual(expected);
    await running.finished;
  });

  it('that ends by itself ends the recording; its exit code is in the report', async () => {
    const script = 'setTimeout(() => process.exit(0), 2500); require("./server.cjs")';
    const finished = await ddx(['run', '--json', '--rate', '30', '--warmup', '0s', '--', 'node', '-e', script], env());
    expect(reportOf(finished)).toMatchObject({ window: { endedBy: 'target-exit' }, target: { exit: { code: 0, signal: null } } });
    expect([0, 1, 4]).toContain(finished.code);
  });

  it('leaves nothing behind when all went well, and ddx neither', async () => {
    const running = start(
      ['run', '--rate', '20', '--for', '1s', '--warmup', '0s', '--', 'sh', '-c', 'sleep 1000 & node server.cjs'],
      env(),
    );
    const { stdout } = await running.finished;
    expect(isAlive(Number(/serving as (\d+)/.exec(stdout)?.[1]))).toBe(false);
    expect(readdirSync(folder.path)).toEqual([]);
    expect(existsSync('ddx.ddx')).toBe(false);
  });
});

describe('a target that does not cooperate', () => {
  it('ignores every signal: the report does not wait for it, ddx does', async () => {
    const script = 'for (const s of ["SIGINT", "SIGTERM"]) process.on(s, () => {}); require("./server.cjs")';
    const running = start(['run', '--rate', '20', '--for', '1s', '--warmup', '0s', '--', 'node', '-e', script], env());
    await running.said(/\brecording$/m);
    const pid = Number(/serving as (\d+)/.exec(running.stdout())?.[1]);
    await expect.poll(running.stdout, { timeout: 15_000 }).toContain('ddx itself');
    expect(isAlive(pid)).toBe(true);
    expect([0, 1, 4]).toContain((await running.finished).code);
    expect(isAlive(pid)).toBe(false);
  });

  it('blocks for good: reported from what there is', async () => {
    const running = start(['run', '--json', '--rate', '20', '--for', '6s', '--warmup', '0s', '--', 'node', 'server.cjs'], env());
    const pid = await pidOf(running);
    await running.said(/\brecording$/m);
    await delay(1500);
    await fetch(`http://127.0.0.1:${port}/hang`, { signal: AbortSignal.timeout(300) }).catch(() => {});
    const finished = await running.finished;
    expect(reportOf(finished).requests.count).toBeGreaterThan(20);
    expect(isAlive(pid)).toBe(false);
  });
});
