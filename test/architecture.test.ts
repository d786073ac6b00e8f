import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Files, violations } from './architecture/check.js';
import { LAYERS } from './architecture/table.js';

const root = resolve(import.meta.dirname, '..');

function repository(): Files {
  const files = new Map<string, string>();
  for (const top of ['src', 'rules', 'test', 'scripts', 'bench']) collect(top, files);
  return files;
}

function collect(folder: string, files: Map<string, string>): void {
  if (!existsSync(join(root, folder))) return;
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && entry.name !== 'golden') collect(path, files);
    } else if (/\.(ts|tsx|mjs)$/.test(entry.name)) files.set(path, readFileSync(join(root, path), 'utf8'));
  }
}

describe('the repository', () => {
  const files = repository();

  it('is looked at', () => {
    expect(files.size).toBeGreaterThan(50);
    expect(files.has('src/model/recording.ts')).toBe(true);
  });

  it('keeps to the import table, to the pure core, to its sizes and names, and has no cycles', () => {
    expect(violations(files)).toEqual([]);
  });

  it('has a row of the table for every folder of src', () => {
    const folders = new Set([...files.keys()].filter((path) => /^src\/[^/]+\//.test(path)).map((path) => path.split('/')[1]!));
    expect([...folders].filter((folder) => !Object.hasOwn(LAYERS, folder))).toEqual([]);
  });
});

/** Each case must be found in a repository that is otherwise fine, and by its own sentence. */
describe('planted violations', () => {
  const base: Record<string, string> = {
    'src/model/units.ts': 'export type Area = string;\nexport const BUCKETS = [1];\n',
    'src/errors.ts': 'export class DdxError extends Error {}\n',
    'src/facts/window.ts': "import type { Area } from '../model/units.js';\nexport const window: Area = '';\n",
    'src/facts/testing.ts': 'export const booked = 1;\n',
    'src/lab/kit.ts': 'export const kit = 1;\n',
    'src/cli/main.ts':
      "import { RULES } from '../../rules/index.js';\nimport { window } from '../facts/window.js';\nexport const all = [RULES, window];\n",
    'rules/index.ts': "import { rule } from './cpu/a/rule.js';\nexport const RULES = [rule];\n",
    'rules/cpu/a/rule.ts': "import { window } from '../../../src/facts/window.js';\nexport const rule = { window };\n",
    'rules/cpu/a/scenario.ts':
      "import { kit } from '../../../src/lab/kit.js';\nimport { cause } from './causes.js';\nexport const scenario = [kit, cause];\n",
    'rules/cpu/a/causes.ts': "import express from 'express';\nexport const cause = express;\n",
    'rules/cpu/b/rule.ts': 'export const rule = 2;\n',
  };
  const planted = (path: string, text: string) => violations(new Map(Object.entries({ ...base, [path]: text })));

  it('the base has none', () => {
    expect(violations(new Map(Object.entries(base)))).toEqual([]);
  });

  it.each([
    ['model imports anything', 'src/model/a.ts', "import '../facts/window.js';", 'src/model/a.ts:1 model must not import facts'],
    ['model imports a package', 'src/model/a.ts', "import 'preact';", 'model must not import preact'],
    ['facts imports node', 'src/facts/a.ts', "\nimport { readFileSync } from 'node:fs';", 'src/facts/a.ts:2 facts must not import node:fs'],
    ['facts imports errors', 'src/facts/a.ts', "import { DdxError } from '../errors.js';", 'facts must not import src/errors.ts'],
    ['probe takes a value', 'src/probe/a.ts', "import { BUCKETS } from '../model/units.js';", 'probe may import only types from model'],
    ['probe takes a value beside a type', 'src/probe/a.ts', "import { BUCKETS, type Area } from '../model/units.js';", 'only types'],
    ['probe requires a package', 'src/probe/a.ts', "const z = require('undici');", 'probe must not import undici'],
    ['ui imports node', 'src/ui/a.ts', "import fs from 'fs';", 'ui must not import fs'],
    ['by dynamic import', 'src/load/a.ts', "const m = await import('../facts/window.js');", 'load must not import facts'],
    ['by re-export', 'src/load/a.ts', "export * from '../facts/window.js';", 'load must not import facts'],
    ['by import type', 'src/load/a.ts', "export type W = import('../facts/window.js').W;", 'load must not import facts'],
    ['an unknown folder', 'src/misc/a.ts', "import '../model/units.js';", 'misc is no folder of the import table'],
    [
      'diagnose knows a rule',
      'src/diagnose/a.ts',
      "import { rule } from '../../rules/cpu/a/rule.js';",
      'rules are known to rules/index.ts alone',
    ],
    ['lab reads the list', 'src/lab/a.ts', "import { RULES } from '../../rules/index.js';", 'only src/cli may import rules/index.ts'],
    ['cli imports a test kit', 'src/cli/a.ts', "import { booked } from '../facts/testing.js';", 'must not import test code'],
    [
      'a rule knows another',
      'rules/cpu/b/rule.ts',
      "import { rule as a } from '../a/rule.js';",
      'rules/cpu/b must not import rules/cpu/a/rule.ts',
    ],
    ['a rule knows its scenario', 'rules/cpu/a/rule.ts', "import './scenario.js';", 'rules/cpu/a must not import rules/cpu/a/scenario.ts'],
    ['a rule reads a file', 'rules/cpu/a/rule.ts', "import 'node:fs';", 'rules/cpu/a must not import node:fs'],
    ['a rule reads the ledger', 'rules/cpu/a/rule.ts', "import '../../../src/lab/kit.js';", 'rules/cpu/a must not import lab'],
    [
      'the list of scenarios knows a rule',
      'rules/scenarios.ts',
      "import { rule } from './cpu/a/rule.js';",
      'rules/scenarios.ts lists scenarios only, not rules/cpu/a/rule.ts',
    ],
    ['a scenario knows the rule', 'rules/cpu/a/causes.ts', "import './rule.js';", 'must not import rules/cpu/a/rule.ts'],
    [
      'a scenario borrows from another',
      'rules/cpu/b/scenario.ts',
      "import '../a/causes.js';",
      'rules/cpu/b must not import rules/cpu/a/causes.ts',
    ],
    ['a clock', 'src/ledger/a.ts', 'export const t = () => Date.now();', 'src/ledger/a.ts:1 Date.now in the pure core'],
    ['a date', 'rules/cpu/a/rule.ts', '\n\nexport const rule = new Date(0);', 'rules/cpu/a/rule.ts:3 new Date in the pure core'],
    ['chance', 'src/facts/a.ts', 'export const t = Math.random();', 'Math.random in the pure core'],
    ['the process', 'src/diagnose/a.ts', 'export const t = process.env;', 'process in the pure core'],
    ['the console', 'src/whatif/a.ts', 'console.log(1);', 'console in the pure core'],
    ['a clock in disguise', 'src/ledger/a.ts', 'const { now } = performance;\nexport { now };', 'performance in the pure core'],
    ['a long file', 'src/load/a.ts', 'export {};\n'.repeat(401), 'src/load/a.ts:401 longer than 400 lines'],
    ['a long rule', 'rules/cpu/a/rule.ts', 'export {};\n'.repeat(121), 'longer than 120 lines'],
    ['a file called utils', 'src/load/utils.ts', 'export {};', 'say what it holds instead of "utils"'],
    ['a cycle', 'src/model/units.ts', "import './b.js';\nexport type Area = string;\nexport const BUCKETS = 1;", ''],
  ])('%s', (_, path, text, sentence) => {
    const extra: Record<string, string> = path === 'src/model/units.ts' ? { 'src/model/b.ts': "import './units.js';" } : {};
    const found = violations(new Map(Object.entries({ ...base, ...extra, [path]: text })));
    expect(found).toEqual(
      expect.arrayContaining([expect.stringContaining(sentence || 'src/model/units.ts -> src/model/b.ts -> src/model/units.ts')]),
    );
  });

  it('names that only look like a clock are left alone', () => {
    const text =
      "export interface A { process: NodeJS.Process; performance: number }\nexport const b = (a: { process: number }) => a.process;\n// Date.now()\nexport const c = 'Math.random()';";
    expect(planted('src/facts/a.ts', text)).toEqual([]);
  });

  it('a local of a forbidden name is not the global, elsewhere in the file it is', () => {
    const text =
      'export function a({ process }: { process: number }, b = process) {\n  return process + b;\n}\nexport const c = () => process.pid;';
    expect(planted('src/facts/a.ts', text)).toEqual(['src/facts/a.ts:4 process in the pure core']);
  });
});
