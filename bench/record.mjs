// What a recording costs: bytes and CPU per request, the longest stall of the writing thread, against gzipped NDJSON.
// npm run bench:record
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { seededRandom } from '../src/model/random.ts';
import { STREAMS } from '../src/model/recording.ts';
import { buildRecording } from '../src/recording/memory.ts';
import { readRecording } from '../src/recording/reader.ts';
import { RecordingWriter } from '../src/recording/writer.ts';

const REQUESTS = 400_000;
const RATE_PER_S = 500;
/** As the probe delivers them: a frame every quarter of a second. */
const BATCH = RATE_PER_S / 4;
const ROUTES = [
  'GET /',
  'GET /products',
  'GET /products/:id',
  'GET /search',
  'POST /checkout',
  'GET /account',
  'POST /login',
  'GET /health',
];
const WIDTH = STREAMS.requests.length;

const random = seededRandom(7);
const rows = requests();
const folder = mkdtempSync(join(tmpdir(), 'ddx-bench-'));
try {
  const table = [
    { layout: 'ddx, blocks of 65,536', ...measure(Number.POSITIVE_INFINITY) },
    { layout: 'ddx, flushed each second', ...measure(4) },
    { layout: 'NDJSON, gzip 1', ...ndjson() },
  ];
  console.table(table);
  console.log(JSON.stringify({ bench: 'record', requests: REQUESTS, columns: WIDTH, node: process.version, results: table }));
} finally {
  rmSync(folder, { recursive: true });
}

function measure(batchesPerFlush) {
  const path = join(folder, `${batchesPerFlush}.ddx`);
  const recording = buildRecording();
  const writer = new RecordingWriter(path, recording.header);
  for (const route of ROUTES) writer.intern(route);
  const arrayBuffersBefore = process.memoryUsage().arrayBuffers;
  let arrayBuffersTop = 0;
  let longestMs = 0;
  const cpu = process.cpuUsage();
  for (let batch = 0; batch * BATCH < REQUESTS; batch++) {
    const begin = performance.now();
    writer.append('requests', rows.subarray(batch * BATCH * WIDTH, (batch + 1) * BATCH * WIDTH));
    if (batch % batchesPerFlush === 0) writer.flush();
    longestMs = Math.max(longestMs, performance.now() - begin);
    if (batch % 64 === 0) arrayBuffersTop = Math.max(arrayBuffersTop, process.memoryUsage().arrayBuffers);
  }
  writer.setDocuments(recording.documents);
  writer.close();
  const used = process.cpuUsage(cpu);
  const begin = performance.now();
  const read = readRecording(path);
  const readMs = performance.now() - begin;
  if (read.streams.requests.rows !== REQUESTS || read.warnings.length > 0) throw new Error(`not read back: ${read.warnings}`);
  return {
    bytesPerRequest: round(statSync(path).size / REQUESTS),
    cpuNsPerRequest: Math.round(((used.user + used.system) * 1000) / REQUESTS),
    longestStallMs: round(longestMs),
    readNsPerRequest: Math.round((readMs * 1e6) / REQUESTS),
    memoryMb: round((arrayBuffersTop - arrayBuffersBefore) / 2 ** 20),
  };
}

function ndjson() {
  const cpu = process.cpuUsage();
  let bytes = 0;
  for (let first = 0; first < REQUESTS; first += 50_000) {
    let text = '';
    for (let row = first; row < first + 50_000; row++) {
      const object = {};
      STREAMS.requests.forEach((name, column) => {
        object[name] = rows[row * WIDTH + column];
      });
      text += `${JSON.stringify(object)}\n`;
    }
    bytes += gzipSync(text, { level: 1 }).length;
  }
  const used = process.cpuUsage(cpu);
  return { bytesPerRequest: round(bytes / REQUESTS), cpuNsPerRequest: Math.round(((used.user + used.system) * 1000) / REQUESTS) };
}

/** Poisson arrivals, log-normal service, a busy minority of routes, 64 kept-alive connections; rows in the order of their end. */
function requests() {
  const list = [];
  let atUs = 0;
  for (let id = 1; id <= REQUESTS; id++) {
    atUs += Math.round((-Math.log(1 - random()) / RATE_PER_S) * 1e6);
    const route = Math.min(ROUTES.length - 1, Math.floor(-Math.log(1 - random()) * 2));
    const ownUs = Math.round(Math.exp(6.2 + 0.3 * route + 0.4 * normal()));
    const waitUs = Math.round(Math.exp(8 + 0.8 * normal()));
    const status = random() < 0.98 ? 200 : random() < 0.8 ? 404 : 500;
    const bytes = route < 2 ? 1800 + route * 512 : Math.round(Math.exp(6 + 0.5 * normal()));
    list.push([0, id, atUs, atUs + ownUs + waitUs, route, status, bytes, 40_000 + Math.floor(random() * 64), ownUs, 0]);
  }
  list.sort((a, b) => a[3] - b[3]);
  return Float64Array.from(list.flat());
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function round(value) {
  return Math.round(value * 100) / 100;
}
