// What the probe costs: CPU time of the target's main thread per request, against a bare twin that serves at the same time.
// Usage: npm run bench:overhead [-- --seconds 75 --node /path/to/node --workload hello|real --depths light,standard]
// "detached" had the probe at depth standard for some seconds and was left.
// A depth may name another build of the probe: standard@/path/to/preload.cjs
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { drive } from './overhead/load.mjs';
import { median, medianInterval, shuffled } from './overhead/numbers.mjs';
import { probePath, startTwins, stopTwins } from './overhead/twins.mjs';

/** Longer than it takes the probe to notice that the ledger has become dear. */
const WINDOW_MS = 500;
const WARM_UP_MS = 2200;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '75' },
    node: { type: 'string', default: process.execPath },
    workload: { type: 'string' },
    depths: { type: 'string', default: 'light,standard,detached' },
  },
});
if (!existsSync(`/proc/${process.pid}/task/${process.pid}/schedstat`)) {
  console.error('This bench reads CPU time from /proc/PID/task/TID/schedstat (Linux with CONFIG_SCHED_INFO); there is none here.');
  process.exit(1);
}
if (!existsSync(probePath)) {
  console.error('dist/probe/preload.cjs is missing: npm run build first.');
  process.exit(1);
}

const workloads = options.workload ? [options.workload] : ['hello', 'real'];
const variants = ['bare', 'bare again', ...options.depths.split(',')];
const rows = [];
let version = '';
for (const workload of workloads) {
  const twins = await startTwins({ node: options.node, workload, variants });
  version = twins[0].version;
  for (const twin of twins) await drive(twin, WARM_UP_MS);
  const cycles = Math.max(5, Math.round(((Number(options.seconds) / workloads.length) * 1000) / (twins.length * WINDOW_MS)));
  const measured = new Map(twins.map((twin) => [twin.variant, []]));
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (const twin of shuffled(twins)) measured.get(twin.variant).push(await drive(twin, WINDOW_MS));
  }
  for (const twin of twins) {
    const own = measured.get(twin.variant);
    const bare = measured.get('bare');
    const ratios = own.map((window, i) => window.mainUs / bare[i].mainUs - 1);
    const totals = own.map((window, i) => window.totalUs / bare[i].totalUs - 1);
    const [low, high] = medianInterval(ratios);
    rows.push({
      workload,
      variant: twin.variant,
      cycles,
      requests: own.reduce((sum, window) => sum + window.requests, 0),
      mainUsPerRequest: round(median(own.map((window) => window.mainUs)), 1),
      mainPercent: round(median(ratios) * 100, 1),
      lowPercent: round(low * 100, 1),
      highPercent: round(high * 100, 1),
      allThreadsPercent: round(median(totals) * 100, 1),
      rssMb: round(twin.rssMb(), 0),
    });
  }
  await stopTwins(twins);
}

console.log(`Node ${version}. CPU time per request; per cent against the bare twin of the same cycle, median [95 % interval].`);
console.log('"bare again" is a second bare process: what it shows is noise.');
console.table(
  rows.map((row) => ({
    workload: row.workload,
    variant: row.variant,
    'main us/req': row.mainUsPerRequest,
    'main %': `${row.mainPercent} [${row.lowPercent}, ${row.highPercent}]`,
    'all threads %': row.allThreadsPercent,
    'rss MB': row.rssMb,
    requests: row.requests,
  })),
);
console.log(JSON.stringify({ bench: 'overhead', node: version, windowMs: WINDOW_MS, rows }));
process.exit(0);

function round(value, digits) {
  return Number(value.toFixed(digits));
}
