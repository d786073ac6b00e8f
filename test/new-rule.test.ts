import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCatalogue } from '../scripts/catalogue.js';
import { ruleSkeleton } from '../scripts/rule-skeleton.js';
import { violations } from './architecture/check.js';
import { complaints } from './catalogue/check.js';

const root = resolve(import.meta.dirname, '..');
/** As deep below the repository as rules/, so that the imports of the skeleton hold. */
const stand = join(root, '.new-rule');
const id = 'queue/dead-letters';
const config = join(stand, 'tsconfig.json');
const files = ruleSkeleton(id);

afterAll(() => {
  rmSync(stand, { recursive: true, force: true });
});

describe('npm run new-rule', () => {
  it('writes a folder that the catalogue accepts', async () => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(stand, id, file)), { recursive: true });
      writeFileSync(join(stand, id, file), text);
    }
    const written = (await readCatalogue(stand)).filter((folder) => folder.id === id);
    expect(written).toHaveLength(1);
    expect(complaints(written)).toEqual([]);
  });

  it('writes code that compiles and keeps to the import table', () => {
    const code = Object.entries(files).filter(([file]) => file.endsWith('.ts'));
    expect(violations(new Map(code.map(([file, text]) => [`rules/${id}/${file}`, text])))).toEqual([]);
    writeFileSync(
      config,
      JSON.stringify({ extends: '../tsconfig.json', compilerOptions: { types: ['node'] }, include: [id], exclude: [] }),
    );
    expect(() =>
      execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], { stdio: 'pipe' }),
    ).not.toThrow();
  }, 60_000);
});
