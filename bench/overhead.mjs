// What the probe costs: CPU time of the target's main thread per request, against a bare twin that serves at the same time.
// Usage: npm run bench:overhead [-- --seconds 75 --node /path/to/node --workload hello|real --depths light,standard --save]
// Each probe goes through what a capture session does: tries itself out under load, is told that the judged window begins.
// "detached" had the probe at depth standard for some seconds and was left.
// A depth may name another build of the probe: standard@/path/to/preload.cjs
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { drive } from './overhead/load.mjs';
import { resampled, shuffled } from './overhead/numbers.mjs';
import { save } from './overhead/save.mjs';
import { probePath, startTwins, stopTwins } from './overhead/twins.mjs';

/** Short, so that what the machine does meanwhile hits all twins alike; what a twin does by turns is evened out by their number. */
const WINDOW_MS = 250;
/** Twins of one kind differ by a per cent or two for as long as they live: how V8 compiled them, where their memory lies. */
const GENERATIONS = 2;
const WARM_UP_MS = 2200;
const COMPARE_AFTER_MS = 300;
const COMPARE_MS = 1300;
const MARK_AFTER_MS = 1800;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '75' },
    node: { type: 'string', default: process.execPath },
    workload: { type: 'string' },
    depths: { type: 'string', default: 'light,standard,detached' },
    save: { type: 'boolean', default: false },
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
const perGeneration = (Number(options.seconds) * 1000) / workloads.length / GENERATIONS / variants.length;
const cyclesEach = Math.max(5, Math.round((perGeneration - WARM_UP_MS) / WINDOW_MS));
const rows = [];
let version = '';
for (const workload of workloads) {
  const windows = new Map(variants.map((variant) => [variant, []]));
  const rssMb = new Map();
  for (let generation = 0; generation < GENERATIONS; generation++) {
    const twins = await startTwins({ node: options.node, workload, variants });
    version = twins[0].version;
    for (const twin of twins) await warmUp(twin);
    for (let cycle = 0; cycle < cyclesEach; cycle++) {
      for (const twin of shuffled(twins)) windows.get(twin.variant).push(await drive(twin, WINDOW_MS));
    }
    for (const twin of twins) rssMb.set(twin.variant, twin.rssMb());
    await stopTwins(twins);
  }
  for (const variant of variants) rows.push(rowOf(workload, variant, windows, rssMb.get(variant)));
}

console.log(`Node ${version}. CPU time per request; per cent against the bare twin of the same cycles, ratio of sums [95 % interval].`);
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
if (options.save) save(version, rows);
console.log(JSON.stringify({ bench: 'overhead', node: version, windowMs: WINDOW_MS, generations: GENERATIONS, rows }));
process.exit(0);

async function warmUp(twin) {
  const timers = [];
  if (twin.sink) {
    timers.push(setTimeout(() => twin.sink.tell({ t: 'compare', forMs: COMPARE_MS }), COMPARE_AFTER_MS));
    timers.push(setTimeout(() => twin.sink.tell({ t: twin.detaches ? 'off' : 'mark' }), MARK_AFTER_MS));
  }
  await drive(twin, WARM_UP_MS);
  for (const timer of timers) clearTimeout(timer);
}

/** Ratio of sums: what a probe does by turns counts for as much as it takes, where a median would not see it. */
function rowOf(workload, variant, windows, rssMb) {
  const own = windows.get(variant);
  const bare = windows.get('bare');
  const every = own.map((_, i) => i);
  const perRequest = (list, picked, us) => sumOf(list, picked, us) / sumOf(list, picked, 'requests');
  const added = (us) => (picked) => perRequest(own, picked, us) / perRequest(bare, picked, us) - 1;
  const [low, high] = resampled(own.length, added('mainUs'));
  return {
    workload,
    variant,
    cycles: own.length,
    requests: sumOf(own, every, 'requests'),
    mainUsPerRequest: round(perRequest(own, every, 'mainUs'), 1),
    mainPercent: round(added('mainUs')(every) * 100, 1),
    lowPercent: round(low * 100, 1),
    highPercent: round(high * 100, 1),
    allThreadsPercent: round(added('totalUs')(every) * 100, 1),
    rssMb: round(rssMb, 0),
  };
}

function sumOf(list, picked, what) {
  return picked.reduce((sum, i) => sum + list[i][what], 0);
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}
