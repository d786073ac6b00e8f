// Builds everything that is shipped into dist/: the CLI (with its load worker), the probe, the report page.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { sourceHashes } from './source-hashes.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const common = { root, configFile: false, logLevel: 'warn' };

const cli = {
  ...common,
  ssr: { noExternal: true },
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'dist',
    emptyOutDir: false,
    minify: false,
    rollupOptions: {
      input: { cli: 'src/cli/main.ts', 'load-worker': 'src/load/worker.ts' },
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
};

// CommonJS files of one piece: they go into other people's processes and must not bring modules of their own.
const probe = (entry, emptyOutDir) => ({
  ...common,
  build: {
    ssr: true,
    target: 'node18',
    // Tests build their own, so that they need no build before.
    outDir: process.env.DDX_PROBE_OUT ?? 'dist/probe',
    emptyOutDir,
    minify: false,
    rollupOptions: {
      input: { [entry]: `src/probe/${entry}.ts` },
      // Strict, or wrappers would hand the target's functions another `this`.
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false, banner: "'use strict';" },
    },
  },
});

const page = {
  ...common,
  root: resolve(root, 'src/ui'),
  plugins: [viteSingleFile()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { target: 'es2022', outDir: resolve(root, 'dist/ui'), emptyOutDir: true },
};

const parts = [
  ['cli', cli, 'src/cli/main.ts'],
  ['probe', probe('preload', true), 'src/probe/preload.ts'],
  ['probe', probe('attach', false), 'src/probe/attach.ts'],
  ['page', page, 'src/ui/index.html'],
];
const wanted = process.argv.slice(2);
for (const [name, config, entry] of parts) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (!existsSync(resolve(root, entry))) continue;
  // Chunks bear hashes in their names: older ones would be shipped beside the new.
  if (name === 'cli') rmSync(resolve(root, 'dist/chunks'), { recursive: true, force: true });
  await build(config);
  if (name === 'cli') {
    copyExplanations();
    writeHashes();
  }
}

/** What `ddx explain` shows: dist/rules/<area>/<name>.md, with what was measured where that is known. */
function copyExplanations() {
  for (const path of explanations()) {
    const [, area, rule] = path.split(/[\\/]/);
    const measured = resolve(root, 'docs/rules', area, `${rule}.md`);
    mkdirSync(resolve(root, 'dist/rules', area), { recursive: true });
    cpSync(existsSync(measured) ? measured : resolve(root, path), resolve(root, 'dist/rules', area, `${rule}.md`));
  }
}

/** By which `ddx lab score` tells results of these rules from those of older ones: dist/lab/sources.json. */
function writeHashes() {
  mkdirSync(resolve(root, 'dist/lab'), { recursive: true });
  writeFileSync(resolve(root, 'dist/lab/sources.json'), `${JSON.stringify({ commit: commit(), ...sourceHashes(root) }, null, 2)}\n`);
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}

/** Paths of all rules' explain.md, from the root. */
function explanations() {
  const rules = resolve(root, 'rules');
  return readdirSync(rules, { withFileTypes: true })
    .filter((area) => area.isDirectory())
    .flatMap((area) => readdirSync(resolve(rules, area.name)).map((rule) => `rules/${area.name}/${rule}/explain.md`))
    .filter((path) => existsSync(resolve(root, path)));
}
