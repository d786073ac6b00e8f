import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { capture } from '../../src/capture/capture.js';
import { createCpuQuota } from '../../src/lab/cpu-quota.js';
import { drawFrom } from '../../src/lab/kit/draw.js';
import { writeServer } from '../../src/lab/kit/frameworks.js';
import { writeModule } from '../../src/lab/kit/source.js';
import { printed, type Running, startProcess } from '../../src/lab/processes.js';
import { startService } from '../../src/lab/services/start.js';
import { parsePath } from '../../src/load/parse-path.js';
import type { Recording } from '../../src/model/recording.js';
import { freePort } from '../free-port.js';
import { type Cell, pathOf, ROUTE_HANDLERS } from './cells.js';
import type { RouteName } from './routes.js';
import { type Reading, readSlowly } from './slow-reader.js';

const root = resolve(import.meta.dirname, '../..');
const WARMUP_S = 1.5;
const SECONDS = 3.5;
/**
 * A young generation that hardly ever fills, so that the collections are those that a handler asks for. Single-threaded: where cores are
 * scarce the main thread sleeps until V8's helper threads are given one, and no counter of the kernel tells that from idling.
 */
const NODE_ARGS = ['--expose-gc', '--single-threaded', '--min-semi-space-size=512', '--max-semi-space-size=512'];

export interface Run {
  recording: Recording;
  truthFile: string;
  /** Of slow readers, in the order of their requests; else empty. */
  readings: Reading[];
}

/** Starts the cell's server on `node` with the built probe, loads it at `ratePerS`, and returns what both sides wrote down. */
export async function runCell(cell: Cell, node: string, ratePerS: number): Promise<Run> {
  const dir = resolve(root, '.scenarios', `bench-ledger-${process.pid}`);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  writeFileSync(join(dir, 'handlers.js'), `export * from '${pathToFileURL(join(import.meta.dirname, 'target/handlers.mjs')).href}';\n`);
  writeFileSync(join(dir, 'server.js'), serverSource(cell));
  const truthFile = join(dir, 'truth.bin');

  const arrivals = { kind: 'open', ratePerS } as const;
  const started: Pick<Running, 'stop'>[] = [];
  const quota = cell.quotaCores === undefined ? null : createCpuQuota(cell.quotaCores);
  try {
    const downstream = startProcess([process.execPath, around('downstream.mjs')], { cwd: dir });
    started.push(downstream);
    const [, httpPort, dnsPort] = await printed(downstream, /listening on (\d+) (\d+)/);
    for (let i = 0; i < (cell.neighbours ?? 0); i++) {
      const neighbour = startProcess([process.execPath, around('neighbour.mjs')], { cwd: dir });
      started.push(neighbour);
      await printed(neighbour, /ready/);
    }
    const database = cell.postgres ? await startService('postgres') : null;
    if (database) started.push(database);
    const port = cell.slowReaders === undefined ? 0 : await freePort();
    let reading: Promise<Reading[]> = Promise.resolve([]);
    const settings = [
      `PORT=${port}`,
      `TRUTH_FILE=${truthFile}`,
      `DOWNSTREAM_PORT=${httpPort}`,
      `DNS_PORT=${dnsPort}`,
      ...(database ? [`PG_URL=${database.url}`] : []),
    ];
    const command = ['env', ...settings, node, ...NODE_ARGS, join(dir, 'server.js')];
    const { recording, stopped } = await capture(
      {
        command: quota ? quota.wrap(command) : command,
        cwd: dir,
        depth: 'standard',
        out: null,
        ddxVersion: 'bench',
        preload: resolve(root, 'dist/probe/preload.cjs'),
        load: cell.slowReaders === undefined ? { requests: cell.routes.map((route) => parsePath(pathOf(route))), arrivals } : null,
        durationS: cell.seconds ?? SECONDS,
        warmupS: cell.slowReaders === undefined ? WARMUP_S : 0,
        port: port || null,
        startupMs: 20_000,
        stdoutToStderr: true,
        interrupt: new AbortController().signal,
      },
      {
        phase(phase) {
          if (phase === 'recording' && cell.slowReaders !== undefined) reading = readSlowly(port, '/big/1', cell.slowReaders);
        },
        note() {},
        progress() {},
        launched() {},
      },
    );
    await stopped;
    return { recording, truthFile, readings: await reading };
  } finally {
    await Promise.all(started.map((running) => running.stop()));
    await quota?.remove();
  }
}

function serverSource({ framework, routes }: Cell): string {
  const mounted = [...new Set<RouteName>(routes)].map((route) => ({
    method: 'GET' as const,
    path: `/${route}/:id`,
    handler: ROUTE_HANDLERS[route],
    module: 'handlers',
    weight: 1,
    examples: [],
    ...(route === 'big' ? { type: 'text/plain' } : {}),
  }));
  const load = { ratePerS: 1, warmupS: 0, durationS: 1 };
  const source = writeServer({ name: 'burns', modules: [], routes: mounted, load }, framework, drawFrom('healthy/burns', 1));
  return writeModule(source, 'esm').text;
}

function around(file: string): string {
  return join(import.meta.dirname, 'around', file);
}
