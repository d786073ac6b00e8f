// ddx load side by side with autocannon, wrk, h2load, node:http2 and ws: requests per core, lateness, percentiles under stalls.
// Usage: npm run bench:load [-- --only closed,pacing,stall,http2,websocket,histogram --rounds 3 --seconds 4]
// Needs Linux with two cores, nginx and wrk (h2load for HTTP/2): apt-get install wrk nginx nghttp2-client; and npm run build before.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Histogram } from '../src/load/histogram.ts';
import { freePort } from './free-port.ts';
import { startNginx } from './load/nginx.mjs';
import { generate, isInstalled, median, onCore, ready, windowOf } from './load/processes.mjs';
import { stallRows } from './load/stall.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'histogram,closed,pacing,stall,http2,websocket' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
  },
});
const root = resolve(import.meta.dirname, '..');
const DDX = resolve(root, 'dist/cli.js');
const AUTOCANNON = resolve(root, 'node_modules/autocannon/autocannon.js');
const seconds = Number(options.seconds);
// A window shorter than this is mostly start and end.
if (!(seconds >= 3)) {
  console.error('--seconds takes 3 or more.');
  process.exit(2);
}
const rounds = Number(options.rounds);
const wanted = new Set(options.only.split(','));
const CONNECTIONS = 50;
/** Node.js needs a second to compile what it runs often; of the others it costs nothing to leave it out too. */
const SETTLE_MS = 1_500;

const missing = ['taskset', 'nginx', 'wrk'].filter((command) => !isInstalled(command));
if (missing.length > 0 || !existsSync(DDX)) {
  console.error(missing.length > 0 ? `Not installed: ${missing.join(', ')}.` : 'dist/cli.js is missing: npm run build first.');
  process.exit(1);
}

const result = { bench: 'load', node: process.version, seconds, rounds };
const nginx = await startNginx();
try {
  if (wanted.has('histogram')) result.histogramNs = histogramNs();
  if (wanted.has('closed')) result.closed = await side(closedTools(), nginx.count);
  if (wanted.has('pacing')) result.pacing = await pacing();
  if (wanted.has('stall')) result.stall = await stall();
  if (wanted.has('http2')) result.http2 = await side(http2Tools(), nginx.count);
  if (wanted.has('websocket')) result.websocket = await webSocket();
} finally {
  nginx.stop();
}
for (const [name, rows] of Object.entries(result)) {
  if (!Array.isArray(rows)) continue;
  console.log(`\n${name}`);
  console.table(rows.map(flat));
}
if (result.histogramNs) console.log(`\nhistogram: ${result.histogramNs} ns per record`);
console.log(JSON.stringify(result));

function closedTools() {
  const url = `http://127.0.0.1:${nginx.http}/`;
  const all = seconds + 1;
  return [
    ['ddx', process.execPath, [DDX, 'load', url, '--connections', `${CONNECTIONS}`, '--for', `${all}s`, '--warmup', '0s', '--json']],
    ['wrk', 'wrk', ['-t1', `-c${CONNECTIONS}`, `-d${all}s`, url]],
    ['autocannon', process.execPath, [AUTOCANNON, '-c', `${CONNECTIONS}`, '-d', `${all}`, '-n', url]],
  ];
}

/** 5 connections with 10 streams each. */
function http2Tools() {
  const url = `http://127.0.0.1:${nginx.http2}/`;
  const all = seconds + 1;
  return [
    [
      'ddx',
      process.execPath,
      [DDX, 'load', url, '--http2', '--connections', '50', '--streams', '10', '--for', `${all}s`, '--warmup', '0s', '--json'],
    ],
    ...(isInstalled('h2load') ? [['h2load', 'h2load', ['-t1', '-c5', '-m10', '-D', `${all}`, url]]] : []),
    ['node:http2', process.execPath, [resolve(import.meta.dirname, 'load/http2-client.mjs'), url, '5', '10', `${all}`]],
  ];
}

/** 20 sockets that send a message when the one before came back, against the ws package as server. */
async function webSocket() {
  const port = await freePort();
  const server = spawn(...onCore(1, process.execPath, [resolve(import.meta.dirname, 'load/ws-server.mjs'), `${port}`]), {
    stdio: 'inherit',
  });
  await ready(port);
  const url = `ws://127.0.0.1:${port}`;
  const all = seconds + 1;
  const message = ['--path', 'POST / a message of 28 characters..'];
  try {
    return await side(
      [
        ['ddx', process.execPath, [DDX, 'load', url, ...message, '--connections', '20', '--for', `${all}s`, '--warmup', '0s', '--json']],
        ['ws', process.execPath, [resolve(import.meta.dirname, 'load/ws-client.mjs'), url, '20', `${all}`]],
      ],
      async () => Number(await (await fetch(`http://127.0.0.1:${port}/`)).text()),
    );
  } finally {
    server.kill('SIGTERM');
  }
}

/** Alternating, so that a noisy minute hits all of them: medians of requests per second of generator CPU. */
async function side(tools, count) {
  const measured = new Map(tools.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, command, args] of tools) {
      const { seen, code, stderr } = await generate(command, args, (pid) => windowOf(pid, count, SETTLE_MS, seconds * 1_000));
      if (code !== 0 && seen.requests === 0) throw new Error(`${name} failed: ${stderr}`);
      measured.get(name).push(seen);
    }
  }
  const rows = tools.map(([name]) => {
    const perRequest = measured.get(name).map((seen) => seen.cpuUs / seen.requests);
    return {
      tool: name,
      cpuUsPerRequest: round2(median(perRequest)),
      lowest: round2(Math.min(...perRequest)),
      highest: round2(Math.max(...perRequest)),
      perCoreSecond: Math.round(1e6 / median(perRequest)),
      perSecond: Math.round(median(measured.get(name).map((seen) => seen.requests / seen.seconds))),
    };
  });
  return rows.map((row) => ({ ...row, ofDdx: round2(rows[0].perCoreSecond / row.perCoreSecond) }));
}

async function pacing() {
  const rows = [];
  for (const rate of [1_000, 5_000, 10_000]) {
    const args = ['load', `http://127.0.0.1:${nginx.http}/`, '--rate', `${rate}`, '--for', `${seconds + 1}s`, '--warmup', '1s', '--json'];
    const { stdout, seen } = await generate(process.execPath, [DDX, ...args], (pid) =>
      windowOf(pid, nginx.count, SETTLE_MS, seconds * 1_000),
    );
    const { generator, requests } = JSON.parse(stdout);
    const { p50Ms, p90Ms, p99Ms } = generator.lag;
    rows.push({
      ratePerS: rate,
      reachedPerS: Math.round(requests.ratePerS),
      lagP50Ms: p50Ms,
      lagP90Ms: p90Ms,
      lagP99Ms: p99Ms,
      cores: round2(seen.cores),
    });
  }
  return rows;
}

async function stall() {
  const tools = [
    {
      name: 'ddx',
      command: (port, rate, forS) => [
        process.execPath,
        [
          DDX,
          'load',
          `http://127.0.0.1:${port}/`,
          '--rate',
          `${rate}`,
          '--arrivals',
          'uniform',
          '--for',
          `${forS}s`,
          '--warmup',
          '1s',
          '--json',
        ],
      ],
      read: (stdout) => {
        const { ratePerS, p50Ms, p90Ms, p99Ms, p999Ms } = JSON.parse(stdout).requests;
        return { ratePerS, p50: p50Ms, p90: p90Ms, p99: p99Ms, p999: p999Ms };
      },
    },
    {
      name: 'autocannon -R',
      command: (port, rate, forS) => [
        process.execPath,
        [AUTOCANNON, '-R', `${rate}`, '-c', `${CONNECTIONS}`, '-d', `${forS}`, '-j', '-n', `http://127.0.0.1:${port}/`],
      ],
      read: (stdout) => {
        const { latency, requests } = JSON.parse(stdout);
        return { ratePerS: requests.average, p50: latency.p50, p90: latency.p90, p99: latency.p99, p999: latency.p99_9 };
      },
    },
  ];
  return [...(await stallRows(tools, 2_000, seconds + 4)), ...(await stallRows(tools, 5_000, seconds + 4))];
}

/** Values as latencies are: log-normal, most of them other than the one before. Best of several, through a call as the engine makes it. */
function histogramNs() {
  const count = 1_000_000;
  const values = Float64Array.from({ length: count }, () => Math.exp(6 + 1.5 * gaussian()));
  const times = [];
  for (let repeat = 0; repeat < 9; repeat++) {
    const histogram = new Histogram();
    const began = process.hrtime.bigint();
    for (let i = 0; i < count; i++) histogram.record(values[i]);
    times.push(Number(process.hrtime.bigint() - began) / count);
  }
  return round2(median(times));
}

function gaussian() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function flat({ truth, ...row }) {
  return truth ? { ...row, ...Object.fromEntries(Object.entries(truth).map(([name, ms]) => [`true ${name}`, ms])) } : row;
}

function round2(value) {
  return Math.round(value * 100) / 100;
}
