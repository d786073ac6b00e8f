import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../rules/index.js';
import { readCatalogue } from '../scripts/catalogue.js';
import { goldenView } from '../scripts/golden-view.js';
import type { Report } from '../src/model/report.js';

const rulesDir = resolve(import.meta.dirname, '../rules');
const goldens = (await readCatalogue(rulesDir)).flatMap(({ id, golden }) => golden.map((file) => [id, file] as const));

describe.skipIf(goldens.length === 0)('golden recordings', () => {
  it.each(goldens)('%s %s', (id, file) => {
    const path = join(rulesDir, id, 'golden', file);
    const text = goldenView(path, RULES);
    const expected = path.replace(/\.ddx$/, '.json');
    const { verdict, findings, nursery } = JSON.parse(text) as Pick<Report, 'verdict' | 'findings' | 'nursery'>;
    const rootsOf = (list: typeof findings) => list.filter(({ role }) => role === 'root-cause').map(({ rule }) => rule);
    const roots = rootsOf(findings);
    const onProbation = RULES.some((rule) => rule.id === id && rule.stage === 'nursery');
    if (file.startsWith('sick')) expect(onProbation ? rootsOf(nursery) : roots).toEqual([id]);
    else expect({ verdict, roots }).toEqual({ verdict: 'healthy', roots: [] });
    expect(text, 'ddx says something else about this recording than it did; if that is meant: npm run golden').toBe(
      existsSync(expected) ? readFileSync(expected, 'utf8') : '',
    );
  });
});
