import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
export const probePath = resolve(here, '../../dist/probe/preload.cjs');

/** One server process per variant, all alive at the same time. */
export async function startTwins({ node, workload, variants }) {
  const database = await startDatabase();
  const twins = [];
  for (const variant of variants) twins.push(await startTwin({ node, workload, variant, database }));
  twins[0].shared = database;
  return twins;
}

export async function stopTwins(twins) {
  for (const twin of twins) {
    for (const socket of twin.sockets ?? []) socket.destroy();
    twin.child.kill('SIGKILL');
    if (!twin.sink) continue;
    twin.sink.server.close();
    rmSync(twin.sink.folder, { recursive: true, force: true });
  }
  twins[0].shared.server.close();
}

async function startTwin({ node, workload, variant, database }) {
  const env = { ...process.env, WORKLOAD: workload, DATABASE_PORT: String(database.port) };
  delete env.NODE_OPTIONS;
  const [name, probe = probePath] = variant.split('@');
  const sink = name.startsWith('bare') ? null : await startSink();
  if (sink) {
    const depth = name === 'detached' ? 'standard' : name;
    env.NODE_OPTIONS = `--require ${probe}`;
    env.DDX_PROBE = JSON.stringify({ v: 1, socket: sink.path, originUs: Number(process.hrtime.bigint() / 1000n), depth });
  }
  const child = spawn(node, [join(here, 'server.mjs')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [port, version] = await new Promise((done) => child.stdout.once('data', (text) => done(String(text).trim().split(' '))));
  return {
    variant,
    version,
    child,
    pid: child.pid,
    port: Number(port),
    sink,
    detaches: name === 'detached',
    rssMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
  };
}

/** Answers every line a millisecond later, like a fast query. */
async function startDatabase() {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk) => setTimeout(() => socket.write(chunk), 1));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { server, port: server.address().port };
}

/** Takes what a probe sends, as a capture session would, and can tell it what one would tell. */
async function startSink() {
  const folder = mkdtempSync(join(tmpdir(), 'ddx-bench-'));
  const path = join(folder, 'probe.sock');
  const told = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.resume();
    told.push(socket);
  });
  await new Promise((done) => server.listen(path, done));
  const tell = (message) => {
    for (const socket of told) socket.write(frame(message));
  };
  return { server, path, folder, tell };
}

function frame(message) {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(5);
  head.writeUInt32LE(body.length + 1, 0);
  head[4] = 1;
  return Buffer.concat([head, body]);
}
