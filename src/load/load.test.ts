import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults, gather, get, type Start, serveHttp } from './testing.js';

// A thread needs a built worker: built here as it is shipped, beside and above the file that starts it.
const folder = mkdtempSync(join(tmpdir(), 'ddx-load-'));
const load = resolve(import.meta.dirname, 'load.ts');

async function bundle(input: Record<string, string>): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      target: 'node20',
      outDir: folder,
      emptyOutDir: false,
      rollupOptions: { input, output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' } },
    },
  });
}

async function start(file: string): Promise<Start> {
  return (await import(pathToFileURL(join(folder, file)).href)).startLoad;
}

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  await bundle({ cli: load, 'load-worker': resolve(import.meta.dirname, 'worker.ts') });
  await bundle({ 'chunks/below': load });
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('in a thread of its own', () => {
  it.each(['cli.js', 'chunks/below.js'])('started by %s', async (file) => {
    using server = await serveHttp((_, response) => response.end('hello'));
    const requests = [get('/a'), get('/b', 2)];
    const { run, rows, batches } = gather(await start(file), {
      port: server.port,
      requests,
      arrivals: { kind: 'open', ratePerS: 300 },
      durationS: 1,
    });
    const summary = await run.done;
    expect(faults(rows, summary)).toEqual([]);
    expect(summary).toMatchObject({ sent: rows.length, done: rows.length, errors: {} });
    expect(rows.length).toBeGreaterThan(200);
    expect(batches.length).toBeGreaterThan(2);
    expect(new Set(rows.map((row) => row.route))).toEqual(new Set(['GET /a', 'GET /b']));
    expect(await run.stop()).toBe(summary);
  });

  it('a server that stands still for 200 ms in each second cannot hide it', async () => {
    using server = await serveHttp((_, response) => response.end());
    const stall = setInterval(() => {
      const endMs = performance.now() + 200;
      while (performance.now() < endMs);
    }, 1_000);
    const { run, rows } = gather(await start('cli.js'), {
      port: server.port,
      requests: [get('/')],
      arrivals: { kind: 'open', ratePerS: 300 },
      durationS: 4,
    });
    const summary = await run.done;
    clearInterval(stall);
    expect(faults(rows, summary)).toEqual([]);
    expect(summary.errors).toEqual({});
    const latencies = rows.map((row) => row.doneUs - row.intendedUs).sort((a, b) => a - b);
    // Evenly: 20 % of the requests come within a stall, half of them have 100 ms of it or more before them.
    expect(latencies[Math.floor(latencies.length * 0.9)]).toBeGreaterThan(40_000);
  }, 20_000);

  it('stop midway', async () => {
    using server = await serveHttp((_, response) => response.end());
    const { run, rows } = gather(await start('cli.js'), {
      port: server.port,
      requests: [get('/')],
      arrivals: { kind: 'open', ratePerS: 200 },
      durationS: 600,
    });
    while (rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const summary = await run.stop();
    expect(faults(rows, summary)).toEqual([]);
    expect(summary).toMatchObject({ done: rows.length, errors: {} });
  }, 20_000);

  it('says at once what cannot be sent', async () => {
    const startLoad = await start('cli.js');
    const run = (path: string) =>
      gather(startLoad, { port: 1, requests: [get(path)], arrivals: { kind: 'open', ratePerS: 1 }, durationS: 1 });
    expect(() => run('no-slash')).toThrow(/cannot be sent/);
  });
});
