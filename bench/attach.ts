// Attached and detached again and again while it serves: does a request fail, is anything left, what does a request cost afterwards?
// npm run build && npm run bench:attach [-- --times 100 --node /path/to/node --depth standard]
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/** Connections that always have a request open, one after the other with a short pause. */
const CLIENTS = 4;
const PAUSE_MS = 3;
/** What a request costs is measured for so long before and after. */
const MEASURE_MS = 10_000;
/** V8 compiles anew what it had compiled for wrapped functions: at some hundred requests a second that takes it a while. */
const SETTLE_MS = 20_000;
/** The first attach loads what stays loaded (the inspector, modules): growth counts from after it. */
const FIRST = 1;

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '100' },
    node: { type: 'string', default: process.execPath },
    depth: { type: 'string', default: 'standard' },
  },
});
const root = resolve(import.meta.dirname, '..');
/** `twin` serves the same all the while and is left in peace: what changes for it as well is the machine. */
const [target, twin] = [await serve(), await serve()];

await delay(3000);
const before = { cost: await costUs(), left: {} as Record<string, unknown> };
await attach(FIRST);
before.left = await leftovers();
const beganMs = performance.now();
const failures = await attach(Number(values.times) - FIRST);
const seconds = (performance.now() - beganMs) / 1000;
await delay(SETTLE_MS);
const after = { left: await leftovers(), cost: await costUs() };
await target.stop();
await twin.stop();

const result = {
  bench: 'attach',
  node: values.node,
  depth: values.depth,
  times: Number(values.times),
  failedAttaches: failures,
  secondsEach: round(seconds / Math.max(1, Number(values.times) - FIRST)),
  requests: target.count.answered,
  failedRequests: target.count.failed,
  usPerRequest: { before: before.cost.targetUs, after: after.cost.targetUs, twinBefore: before.cost.twinUs, twinAfter: after.cost.twinUs },
  addedPercent: round(100 * ((after.cost.targetUs / before.cost.targetUs) * (before.cost.twinUs / after.cost.twinUs) - 1)),
  before: before.left,
  after: after.left,
};
console.table(Object.keys(result.after).map((what) => ({ what, before: String(result.before[what]), after: String(result.after[what]) })));
console.log(
  `${result.requests} requests, ${result.failedRequests} failed; CPU per request ${result.addedPercent} % more than before, beside the twin's.`,
);
console.log(JSON.stringify(result));
process.exit(0);

async function attach(times: number): Promise<number> {
  let failed = 0;
  for (let i = 0; i < times; i++) {
    const args = ['attach', String(target.pid), '--for', '200ms', '--depth', values.depth, '--json'];
    const ddx = spawn(process.execPath, [join(root, 'dist/cli.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let json = '';
    ddx.stdout.setEncoding('utf8').on('data', (text: string) => (json += text));
    let said = '';
    ddx.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await new Promise((done) => ddx.on('close', done));
    if (!recordedNothing(json)) continue;
    failed++;
    console.error(`attach ${i + 1} of ${times} recorded nothing:\n${said}`);
  }
  return failed;
}

function recordedNothing(json: string): boolean {
  try {
    return !((JSON.parse(json) as { requests: { count: number } }).requests.count > 0);
  } catch {
    return true;
  }
}

/** What the server says of itself, after a full collection, and what the kernel says of it. */
async function leftovers(): Promise<Record<string, unknown>> {
  const said = JSON.parse(await target.ask('/traces')) as Record<string, unknown>;
  // It collects garbage before it answers: what that does to a server is done to both.
  await twin.ask('/traces');
  return { ...said, descriptors: descriptors(), rssMb: round(rssMb()) };
}

/** Sockets of clients come and go with the clients. */
function descriptors(): number {
  return readdirSync(`/proc/${target.pid}/fd`).filter((fd) => {
    try {
      return !readlinkSync(`/proc/${target.pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

function rssMb(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${target.pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Main-thread CPU per request of both. */
async function costUs(): Promise<{ targetUs: number; twinUs: number }> {
  const now = () => [target, twin].map(({ pid, count }) => ({ us: cpuUs(pid), answered: count.answered }));
  const from = now();
  await delay(MEASURE_MS);
  const [targetUs, twinUs] = now().map(({ us, answered }, i) => round((us - from[i]!.us) / Math.max(1, answered - from[i]!.answered)));
  return { targetUs: targetUs!, twinUs: twinUs! };
}

function cpuUs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
}

/** A server and its clients. */
async function serve() {
  const args = ['--expose-gc', '--expose-internals', '--inspect-port=0', 'attached.cjs'];
  const child = spawn(values.node, args, {
    cwd: join(root, 'test/e2e/fixtures'),
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const port = await new Promise<number>((done) => child.stdout.once('data', (text) => done(Number(/\d+/.exec(String(text))))));
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS + 1 });
  const count = { answered: 0, failed: 0 };
  let going = true;
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (going) {
      await ask(agent, port, '/fine').then(
        () => count.answered++,
        () => count.failed++,
      );
      await delay(PAUSE_MS);
    }
  });
  return {
    pid: child.pid!,
    count,
    ask: (path: string) => ask(agent, port, path),
    async stop() {
      going = false;
      await Promise.all(clients);
      agent.destroy();
      child.kill('SIGKILL');
    },
  };
}

function ask(agent: Agent, port: number, path: string): Promise<string> {
  return new Promise((done, reject) => {
    get({ host: '127.0.0.1', port, path, agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => (response.statusCode === 200 ? done(body) : reject(new Error(String(response.statusCode)))));
    }).on('error', reject);
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
