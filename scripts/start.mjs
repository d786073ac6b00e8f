// npm start: from a fresh clone to a diagnosis. Installs, builds, starts examples/shop with a fault in it, loads it, lets ddx say which.
// Plain JavaScript without dependencies: it runs before there are any.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { paths, ratePerS } from '../examples/shop/load.js';
import { ensureDependencies } from './setup.mjs';

const ILLNESSES = {
  block: 'a search that computes on the main thread (the default)',
  leak: 'sessions that are kept for ever',
  thrash: 'thumbnails computed by far more threads than cores',
  downstream: 'a checkout that waits for a slow tax service',
  pool: "voucher codes that fill libuv's thread pool",
  none: 'nothing: the shop as it should be',
};
const HELP = `npm start -- [--sick ILLNESS]

Starts examples/shop with one fault in it and lets ddx find it. ILLNESS is one of
${Object.entries(ILLNESSES)
  .map(([name, what]) => `  ${name.padEnd(12)}${what}`)
  .join('\n')}`;

const OLDEST_NODE = [20, 19];
const FOR_S = 12;
const WARMUP_S = 3;
const REPORT = 'ddx-report.html';

const root = resolve(import.meta.dirname, '..');
const begin = performance.now();

const sick = chosenIllness();
checkNode();
step('dependencies');
attempt(ensureDependencies, 'npm ci failed', 'Its own message stands above; with a network connection, run npm start again.');
step('build');
if (isBuilt()) console.log('  dist/ is up to date');
else build();
step(`ddx run: ${FOR_S} s of load after ${WARMUP_S} s of warm-up, on examples/shop with --sick ${sick}`);
finish(await diagnose());

function chosenIllness() {
  let values;
  let positionals;
  try {
    const options = { sick: { type: 'string' }, help: { type: 'boolean', short: 'h' } };
    ({ values, positionals } = parseArgs({ options, allowPositionals: true }));
  } catch (error) {
    usage(error.message);
  }
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  // npm keeps "--sick" for itself where the "--" before it was forgotten, and passes on the bare name.
  const name = values.sick ?? positionals[0] ?? 'block';
  if (positionals.length > (values.sick === undefined ? 1 : 0)) usage(`"${positionals.at(-1)}" is one argument too many.`);
  if (!Object.hasOwn(ILLNESSES, name)) usage(`The shop has no illness called "${name}".`);
  return name;
}

function usage(message) {
  console.error(`${message}\n\n${HELP}`);
  process.exit(2);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(`This is Node ${process.versions.node}; ddx needs ${OLDEST_NODE.join('.')} or newer.`, 'Install it from https://nodejs.org.', 1);
}

function build() {
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail('The build failed.', 'Its own message stands above.', 1);
  console.log('  built dist/');
}

/** Every output is younger than every source. */
function isBuilt() {
  const outputs = ['dist/cli.js', 'dist/load-worker.js', 'dist/probe/preload.cjs', 'dist/ui/index.html'].map((path) => join(root, path));
  if (!outputs.every((path) => existsSync(path))) return false;
  const built = Math.min(...outputs.map((path) => statSync(path).mtimeMs));
  const sources = [...filesOf('src'), ...filesOf('rules'), 'scripts/build.mjs', 'package-lock.json'];
  return sources.every((path) => statSync(join(root, path)).mtimeMs < built);
}

function filesOf(folder) {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

async function diagnose() {
  const port = await freePort();
  const load = ['--rate', String(ratePerS), '--for', `${FOR_S}s`, '--warmup', `${WARMUP_S}s`, '--port', String(port)];
  const args = ['dist/cli.js', 'run', ...load, ...paths.flatMap((path) => ['--path', path]), '--output', `html=${REPORT}`];
  const env = { ...process.env, SHOP_SICK: sick, PORT: String(port) };
  const ddx = spawn(process.execPath, [...args, '--', 'node', 'examples/shop/server.js'], { cwd: root, stdio: 'inherit', env });
  // Ctrl-C reaches ddx too; it still reports what it has seen.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => ddx.kill('SIGTERM'));
  return new Promise((done) => ddx.once('exit', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 1))));
}

function freePort() {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

function finish(code) {
  const meaning = { 0: 'nothing found', 1: 'findings', 4: 'too little evidence', 130: 'interrupted' }[code];
  const diagnosed = code === 0 || code === 1;
  step(`ddx ended with exit code ${code}${meaning ? `: ${meaning}` : ''}`);
  const report = join(root, REPORT);
  if (diagnosed && existsSync(report)) console.log(`  the report as a page: ${pathToFileURL(report)}`);
  if (diagnosed) console.log('  other faults: npm start -- --sick leak | thrash | downstream | pool | none');
  process.exitCode = diagnosed ? 0 : code;
}

function attempt(action, what, next) {
  try {
    action();
    console.log('  node_modules/ is up to date');
  } catch {
    fail(`${what}.`, next, 1);
  }
}

function fail(what, next, code) {
  console.error(`\n${what}\n${next}`);
  process.exit(code);
}

function step(title) {
  console.log(`\n▸ ${title}  (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
}
