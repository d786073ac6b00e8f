import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DdxError } from '../errors.js';
import { insistOnPackages, missingPackages } from './packages.js';
import type { Materialised } from './scenario.js';

const root = mkdtempSync(join(tmpdir(), 'ddx-packages-'));
const cwd = join(root, 'a/b');
mkdirSync(cwd, { recursive: true });
mkdirSync(join(root, 'a/node_modules/koa'), { recursive: true });
mkdirSync(join(root, 'node_modules/@koa/router'), { recursive: true });
afterAll(() => rmSync(root, { recursive: true }));

const member = (packages: string[]) => ({ packages, cwd, seed: 3, scenario: { id: 'memory/heap-leak' } }) as unknown as Materialised;

it('looks for packages upwards, as Node does', () => {
  expect(missingPackages(member(['@koa/router', 'koa']))).toEqual([]);
  expect(missingPackages(member(['koa', 'express4']))).toEqual(['express4']);
});

it('says which command installs what is missing', () => {
  try {
    insistOnPackages(member(['express4', 'koa', 'tsx']), { express4: 'npm:express@4.22.3' });
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(DdxError);
    expect(error).toMatchObject({
      code: 'DDX_LAB_PACKAGES_MISSING',
      next: expect.stringContaining('npm install --no-save express4@npm:express@4.22.3 tsx'),
    });
  }
});
