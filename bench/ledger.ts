// Is the ledger right? Servers that burn known amounts in known places, and note what they did, against what ddx books.
// npm run bench:ledger [-- --node 20,22,24,26 --framework node:http,koa --cell busy,gc --quick --json --save]
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cpuCgroupHome } from '../src/lab/cpu-quota.js';
import { FRAMEWORKS, type Framework } from '../src/lab/kit/frameworks.js';
import { missingService } from '../src/lab/services/install.js';
import { cellsOf } from './ledger/cells.js';
import { compare } from './ledger/compare.js';
import { nodesOf } from './ledger/nodes.js';
import type { Result } from './ledger/result.js';
import { save } from './ledger/save.js';
import { runCell } from './ledger/serve.js';
import { describe, summaryTable } from './ledger/tables.js';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string' },
    framework: { type: 'string' },
    cell: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
if (!existsSync('/proc/thread-self/schedstat')) {
  console.error('This bench reads CPU time from /proc/thread-self/schedstat (Linux with CONFIG_SCHED_INFO); there is none here.');
  process.exit(1);
}
if (!existsSync(resolve(import.meta.dirname, '../dist/probe/preload.cjs'))) {
  console.error('dist/probe/preload.cjs is missing: npm run build first.');
  process.exit(1);
}

/** Until a cell has been measured: what a request costs about. */
const FIRST_GUESS_US = 3_500;
const frameworks = options.framework === undefined ? null : (options.framework.split(',') as Framework[]);
const unknown = frameworks?.find((framework) => !FRAMEWORKS.includes(framework));
if (unknown) {
  console.error(`${unknown} is none of ${FRAMEWORKS.join(', ')}.`);
  process.exit(2);
}
const wantedCells = options.cell?.split(',');
const results: Result[] = [];
for (const node of nodesOf(options.node)) {
  const costs = new Map<string, number>();
  for (const cell of cellsOf(frameworks, options.quick)) {
    if (wantedCells && !wantedCells.includes(cell.name)) continue;
    if (cell.quotaCores !== undefined && (process.getuid?.() !== 0 || !cpuCgroupHome())) continue;
    if (cell.postgres && missingService('postgres')) continue;
    const mix = cell.routes.join();
    const costUs = costs.get(`${cell.framework} ${mix}`) ?? costs.get(mix) ?? FIRST_GUESS_US;
    const ratePerS = cell.ratePerS ?? Math.max(10, Math.round((cell.busy * 1e6) / costUs));
    const comparison = compare(await runCell(cell, node.path, ratePerS));
    if (comparison.matched === 0) throw new Error(`no request of ${cell.name} could be matched with what the server noted`);
    costs.set(`${cell.framework} ${mix}`, comparison.heldPerRequestUs);
    costs.set(mix, comparison.heldPerRequestUs);
    const result: Result = { ...comparison, node: node.version, cell, ratePerS };
    results.push(result);
    if (!options.json) console.log(describe(result, options.verbose));
    // At once: a run of all versions takes a while, and may be ended before its end.
    if (options.save) save([result]);
  }
}
if (!options.json) console.log(`\n${summaryTable(results)}\n`);
console.log(JSON.stringify({ bench: 'ledger', results: results.map(({ furthest: _, ...result }) => result) }));
process.exit(0);
