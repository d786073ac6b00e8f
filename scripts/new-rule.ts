// Writes the folder of a new rule: npm run new-rule area/name
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Area } from '../src/model/units.js';
import { ruleSkeleton } from './rule-skeleton.js';

const AREAS: Record<Area, true> = {
  cpu: true,
  memory: true,
  threads: true,
  concurrency: true,
  runtime: true,
  network: true,
  http: true,
  tls: true,
  database: true,
  cache: true,
  queue: true,
  distributed: true,
  architecture: true,
  security: true,
  observability: true,
  delivery: true,
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { root: { type: 'string' } } });
const root = resolve(values.root ?? resolve(import.meta.dirname, '..'));
const id = positionals[0] ?? '';
const complaint = complaintOf(id);
if (complaint) {
  console.error(`${complaint}\nusage: npm run new-rule area/name      e.g. database/missing-index`);
  process.exit(2);
}
for (const [file, text] of Object.entries(ruleSkeleton(id))) {
  const path = join(root, 'rules', id, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote rules/${id}/${file}`);
}
console.log('\nNow: npm run generate, then CONTRIBUTING.md from step 2.');

function complaintOf(id: string): string | null {
  const [area = '', name = '', ...rest] = id.split('/');
  if (!Object.hasOwn(AREAS, area)) return `"${area}" is no area; choose one of ${Object.keys(AREAS).join(', ')}.`;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || rest.length > 0)
    return `"${name}" is no name: small letters and digits, words joined by "-".`;
  return existsSync(join(root, 'rules', id)) ? `rules/${id} exists already.` : null;
}
