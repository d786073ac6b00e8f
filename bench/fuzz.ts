// Do no harm: random asynchronous programs run with the probe and without must do the same in the same order.
// npm run bench:fuzz [-- --programs 2000 --from 1]; another Node: DDX_TEST_NODE=/path/to/node
import { execFileSync } from 'node:child_process';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { runPrograms } from '../src/probe/testing/programs.js';
import { testNode } from '../src/probe/testing/target.js';

const { values } = parseArgs({ options: { programs: { type: 'string', default: '2000' }, from: { type: 'string', default: '1' } } });
const seeds = { from: Number(values.from), count: Number(values.programs) };
const node = execFileSync(testNode, ['--version'], { encoding: 'utf8' }).trim();

const bare = await runPrograms('none', seeds);
const steps = bare.reduce((sum, { log }) => sum + log.length, 0);
const rows = [];
for (const [depth, switching] of [
  ['light', false],
  ['standard', false],
  ['standard', true],
  ['deep', false],
] as const) {
  const began = performance.now();
  const probed = await runPrograms(depth, { ...seeds, switching });
  const different = bare.filter((run, i) => !isDeepStrictEqual(run, probed[i])).map(({ seed }) => seed);
  rows.push({
    depth,
    switching,
    programs: probed.length,
    different: different.length,
    seeds: different.slice(0, 10).join(' '),
    seconds: Math.round((performance.now() - began) / 100) / 10,
  });
}
console.log(
  `Node ${node}, ${seeds.count} programs, ${steps} recorded steps. "different": other result or other order than without the probe.`,
);
console.table(rows);
console.log(JSON.stringify({ bench: 'fuzz', node, programs: seeds.count, steps, rows }));
process.exit(rows.some(({ different }) => different > 0) ? 1 : 0);
