// npm run golden                          writes beside each golden recording what ddx says about it now; look at the diff
// npm run golden -- record area/name 3    records that rule's scenario (or `all`), seed 3, sick and healthy, with the built ddx
// Record in a clone whose path may be published: recordings hold it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RULES } from '../rules/index.js';
import { discoverScenarios } from '../src/lab/discover.js';
import { materialise } from '../src/lab/materialise.js';
import { unmetNeed } from '../src/lab/needs.js';
import type { Materialised } from '../src/lab/scenario.js';
import { openSurroundings } from '../src/lab/surroundings.js';
import { goldenReports } from '../test/golden-reports.js';
import { readCatalogue } from './catalogue.js';
import { goldenOutputs } from './golden-outputs.js';
import { goldenView } from './golden-view.js';

const root = resolve(import.meta.dirname, '..');
const rulesDir = resolve(root, 'rules');
const [action, id = '', seed = '0'] = process.argv.slice(2);

if (action === 'record') for (const rule of id === 'all' ? RULES.map((one) => one.id) : [id]) await record(rule, Number(seed));
else if (action !== undefined) throw new Error(`"${action}" is nothing this script does; see its first lines`);
await describeAll();

async function describeAll(): Promise<void> {
  for (const { id, golden } of await readCatalogue(rulesDir)) {
    for (const file of golden) {
      const recording = join(rulesDir, id, 'golden', file);
      writeFileSync(recording.replace(/\.ddx$/, '.json'), goldenView(recording, RULES));
      console.log(`described rules/${id}/golden/${file}`);
    }
  }
  for (const [file, text] of Object.entries(goldenOutputs(await goldenReports()))) writeFileSync(resolve(root, 'test/outputs', file), text);
}

async function record(id: string, seed: number): Promise<void> {
  const scenario = (await discoverScenarios(rulesDir)).get(id);
  if (!scenario) throw new Error(`rules/${id}/scenario.ts does not exist`);
  const unmet = unmetNeed(scenario.needs);
  if (unmet) throw new Error(`${id} cannot be recorded here: ${unmet}`);
  for (const sick of [true, false]) {
    const state = sick ? 'sick' : 'healthy';
    const member = materialise(scenario, { seed, sick }, resolve(root, '.scenarios', `golden-${id.replace('/', '-')}-${state}`));
    mkdirSync(join(rulesDir, id, 'golden'), { recursive: true });
    await run(member, join(rulesDir, id, 'golden', `${state}.ddx`));
    console.log(`recorded rules/${id}/golden/${state}.ddx (${member.flavour})`);
  }
}

async function run(member: Materialised, out: string): Promise<void> {
  const around = await openSurroundings(member);
  const { ratePerS, durationS, warmupS, paths } = member.load;
  const options = ['--rate', `${ratePerS}`, '--for', `${durationS}s`, '--warmup', `${warmupS}s`, '--out', out];
  const asked = paths.flatMap((path) => ['--path', path]);
  try {
    const ddx = spawn(process.execPath, [resolve(root, 'dist/cli.js'), 'run', ...options, ...asked, '--', ...around.command], {
      cwd: member.cwd,
      env: { ...process.env, ...around.env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = (await once(ddx, 'exit')) as [number | null];
    if (code !== 0 && code !== 1 && code !== 4) throw new Error(`ddx ended with ${code}`);
  } finally {
    await around.close();
  }
}
