// A long recording at a high rate: does memory stay flat, is every record accounted for, how large is the file?
// npm run build && npm run bench:soak [-- --for 270 --rate 1000 --depth standard --node /path/to/node]
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Report } from '../src/model/report.js';
import { readRecording } from '../src/recording/reader.js';

const EVERY_MS = 3000;

const { values } = parseArgs({
  options: {
    for: { type: 'string', default: '270' },
    rate: { type: 'string', default: '1000' },
    depth: { type: 'string', default: 'standard' },
    node: { type: 'string', default: process.execPath },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'ddx-soak-'));
const file = join(folder, 'soak.ddx');
const root = resolve(import.meta.dirname, '..');
const args = ['run', '--rate', values.rate, '--for', `${values.for}s`, '--depth', values.depth, '--json', '--out', file, '--'];
const ddx = spawn(process.execPath, [join(root, 'dist/cli.js'), ...args, values.node, join(root, 'bench/overhead/server.mjs')], {
  env: { ...process.env, WORKLOAD: 'hello' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let json = '';
ddx.stdout.setEncoding('utf8').on('data', (text: string) => (json += text));

const memory: { tS: number; targetMb: number; ddxMb: number }[] = [];
const beganMs = performance.now();
const sampling = setInterval(() => {
  const target = childrenOf(ddx.pid!).sort((a, b) => rssMb(b) - rssMb(a))[0];
  if (target) memory.push({ tS: (performance.now() - beganMs) / 1000, targetMb: rssMb(target), ddxMb: rssMb(ddx.pid!) });
}, EVERY_MS);
await new Promise((done) => ddx.on('close', done));
clearInterval(sampling);

const report = JSON.parse(json) as Report;
const recording = readRecording(file);
const { requests, client, turns, waits } = recording.streams;
// In the warm-up the probe takes its hooks off and puts them on again to find out what they cost.
const { windowStartUs } = recording.documents.session!;
const answered = client.status.subarray(0, client.rows).filter((status, i) => status === 200 && client.sentUs[i]! >= windowStartUs).length;
const recorded = requests.startUs.subarray(0, requests.rows).filter((us) => us >= windowStartUs).length;
const dropped = recording.documents.session?.dropped ?? {};
const steady = memory.filter(({ tS }) => tS > Number(values.for) / 3 && tS < Number(values.for));
const result = {
  bench: 'soak',
  node: report.target.versions['node'],
  depth: values.depth,
  ratePerS: Number(values.rate),
  seconds: Number(values.for),
  answered,
  recorded,
  droppedRequests: dropped.requests ?? 0,
  unaccounted: answered - recorded - (dropped.requests ?? 0),
  turns: turns.rows,
  waits: waits.rows,
  dropped,
  said: report.warnings.filter((warning) => warning.includes('dropped')),
  fileMb: round(statSync(file).size / 1e6),
  bytesPerRequest: round(statSync(file).size / Math.max(1, requests.rows)),
  target: growth(steady.map(({ tS, targetMb }) => [tS, targetMb])),
  ddx: growth(steady.map(({ tS, ddxMb }) => [tS, ddxMb])),
  overhead: report.ddx.overhead,
  p50Ms: report.requests.p50Ms,
  p99Ms: report.requests.p99Ms,
};
rmSync(folder, { recursive: true });
console.log(result.overhead.says);
console.table([
  { process: 'target with probe', ...result.target },
  { process: 'ddx', ...result.ddx },
]);
console.log(JSON.stringify(result));

/** First and last level, and the slope of a straight line through all of them. */
function growth(points: [tS: number, mb: number][]): { fromMb: number; toMb: number; mbPerMinute: number } {
  const mean = (of: (point: [number, number]) => number) => points.reduce((sum, point) => sum + of(point), 0) / Math.max(1, points.length);
  const [tS, mb] = [mean(([t]) => t), mean(([, m]) => m)];
  const slope =
    mean(([t, m]) => (t - tS) * (m - mb)) /
    Math.max(
      1e-9,
      mean(([t]) => (t - tS) ** 2),
    );
  return { fromMb: round(points[0]?.[1] ?? 0), toMb: round(points.at(-1)?.[1] ?? 0), mbPerMinute: round(slope * 60) };
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const isChild = /^\d+$/.test(pid) && Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]) === parent;
      return isChild ? [Number(pid), ...childrenOf(Number(pid))] : [];
    } catch {
      return [];
    }
  });
}

function rssMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return 0;
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
