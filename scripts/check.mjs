// Everything CI runs, in the order in which it fails soonest: npm run check. With names only those: npm run check -- lint unit
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const STEPS = {
  typecheck: ['npm', 'run', '-s', 'typecheck'],
  lint: ['npm', 'run', '-s', 'lint'],
  generated: ['npx', 'tsx', 'scripts/generate.ts', '--check'],
  knip: ['npx', 'knip'],
  unit: ['npx', 'vitest', 'run', '--project', 'unit'],
  build: ['npm', 'run', '-s', 'build'],
  e2e: ['npx', 'vitest', 'run', '--project', 'e2e'],
  browser: ['npx', 'vitest', 'run', '--project', 'browser'],
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(STEPS, name));
if (unknown.length > 0) {
  console.error(`No step is called ${unknown.join(', ')}; there are ${Object.keys(STEPS).join(', ')}.`);
  process.exit(2);
}

const results = [];
for (const [name, [command, ...args]] of Object.entries(STEPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n▸ ${name}`);
  const begin = performance.now();
  const cwd = resolve(import.meta.dirname, '..');
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  results.push({ name, passed: status === 0, seconds: (performance.now() - begin) / 1000 });
}

console.log('');
for (const { name, passed, seconds } of results)
  console.log(`${passed ? '✓' : '✗'} ${name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
