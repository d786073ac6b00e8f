// Writes one member of a scenario family and serves it without ddx: npm run scenario -- runtime/event-loop-blocked --seed 3 --healthy
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { discoverScenarios } from '../src/lab/discover.js';
import { materialise } from '../src/lab/materialise.js';
import { serve } from '../src/lab/serve.js';

const root = resolve(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '0' }, healthy: { type: 'boolean', default: false } },
});
const scenarios = await discoverScenarios(resolve(root, 'rules'));
const scenario = scenarios.get(positionals[0] ?? '');
if (!scenario) {
  console.error(`Name a scenario:\n  ${[...scenarios.keys()].join('\n  ')}`);
  process.exit(2);
}
const sick = !values.healthy;
const dir = resolve(root, '.scenarios', `${scenario.id.replace('/', '-')}-${values.seed}-${sick ? 'sick' : 'healthy'}`);
const member = materialise(scenario, { seed: Number(values.seed), sick }, dir);
const served = await serve(member);
console.log(`${scenario.id} (${member.flavour}), ${sick ? 'sick' : 'healthy'}, in ${dir}`);
for (const { file, line } of member.truth.lines.slice(0, 1)) console.log(`the cause: ${file}:${line}`);
for (const path of new Set(member.load.paths)) console.log(`  ${served.url} ${path}`);
console.log('Ctrl-C ends it.');
process.once('SIGINT', () => void served.close());
