import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import type { Documents } from '../model/recording.js';
import { createLocator } from './locations.js';
import { collectSources } from './sources.js';

const folder = mkdtempSync(join(tmpdir(), 'ddx-sources-'));
afterEach(() => rmSync(folder, { recursive: true }));

it('keeps the lines that create pools, of files in which nothing else was seen', () => {
  const filler = Array.from({ length: 80 }, (_, i) => `// ${i}`).join('\n');
  writeFileSync(join(folder, 'db.js'), `${filler}\nexport const db = mysql.createPool({\n  connectionLimit: 2,\n});\n${filler}\n`);
  writeFileSync(join(folder, 'other.js'), `${filler}\n`);
  const locator = createLocator(folder, join(folder, 'preload.cjs'));
  for (const name of ['db.js', 'other.js']) locator.addModule(pathToFileURL(join(folder, name)).href);
  locator.addModule('/opt/app/node_modules/pg/index.js');
  expect(locator.ownFiles()).toEqual(['db.js', 'other.js']);
  const nothing: Documents = { processes: [], sites: [], profiles: [], heapProfiles: [], sources: [], spawns: [] };
  const [kept, ...others] = collectSources(nothing, locator.linesOf, locator.ownFiles());
  expect(others).toEqual([]);
  expect(kept!.file).toBe('db.js');
  expect(kept!.lines).toContain('  connectionLimit: 2,');
  expect(kept!.lines.length).toBeLessThan(20);
});
