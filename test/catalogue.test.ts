import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RuleFolder, readCatalogue } from '../scripts/catalogue.js';
import { errorsPage, rulesIndex, rulesReadme, scenariosIndex } from '../scripts/generated-pages.js';
import { readScores } from '../scripts/scores.js';
import { ERRORS } from '../src/errors.js';
import type { Scenario } from '../src/lab/scenario.js';
import type { Rule } from '../src/model/rule.js';
import type { RuleId } from '../src/model/units.js';
import { complaints, HEADINGS } from './catalogue/check.js';

const root = resolve(import.meta.dirname, '..');
const folders = await readCatalogue(resolve(root, 'rules'));
const text = (path: string) => readFileSync(resolve(root, path), 'utf8');

describe('the catalogue', () => {
  it('is there', () => {
    expect(folders.length).toBeGreaterThan(5);
  });

  it('is complete and consistent', () => {
    expect(complaints(folders)).toEqual([]);
  });

  it('is what rules/index.ts and rules/README.md say it is', () => {
    expect(text('rules/index.ts')).toBe(rulesIndex(folders));
    const scores = readScores(
      root,
      folders.flatMap(({ rule }) => rule?.id ?? []),
    );
    expect(text('rules/README.md')).toBe(rulesReadme(folders, scores?.card ?? null));
    expect(text('rules/scenarios.ts')).toBe(scenariosIndex(folders));
  });
});

it('docs/errors.md has every error code and no other', () => {
  const page = text('docs/errors.md');
  expect(page).toBe(errorsPage());
  expect([...page.matchAll(/^\| `(DDX_\w+)`/gm)].map((match) => match[1]).sort()).toEqual(Object.keys(ERRORS).sort());
});

describe('planted faults', () => {
  const scenarioOf = (id: Scenario['id'], of: RuleId | null): Scenario => ({
    id,
    rule: of,
    title: '',
    needs: [],
    causes: [],
    build: () => {
      throw new Error('not built here');
    },
  });
  const rule: Rule = {
    id: 'cpu/a',
    title: 'A',
    stage: 'nursery',
    mimics: [],
    causes: [],
    needs: [],
    judge: () => ({ is: 'not-examined', because: '' }),
  };
  const folder = (id: RuleId, change: Partial<Rule> = {}): RuleFolder => ({
    id,
    entries: ['explain.md', 'golden', 'rule.test.ts', 'rule.ts', 'scenario.ts'],
    golden: [],
    rule: { ...rule, id, ...change },
    scenario: scenarioOf(id, id),
    explain: ['# A', ...HEADINGS.map((heading) => `## ${heading}\n\nText.\n`)].join('\n'),
  });
  const a = folder('cpu/a', { mimics: ['cpu/b'] });
  const b = folder('cpu/b', { mimics: ['cpu/a'], causes: ['cpu/a'] });
  const well: RuleFolder = {
    id: 'healthy/x',
    entries: ['scenario.ts'],
    golden: [],
    rule: null,
    scenario: scenarioOf('healthy/x', null),
    explain: null,
  };

  it('none in a sound catalogue', () => {
    expect(complaints([a, b, well])).toEqual([]);
  });

  it.each<[string, RuleFolder, string]>([
    ['a missing part', { ...a, entries: ['rule.ts', 'scenario.ts', 'explain.md', 'rule.test.ts'] }, 'cpu/a lacks golden'],
    ['a stable rule without recordings', { ...a, rule: { ...a.rule!, stage: 'stable' } }, 'cpu/a is stable and lacks golden/sick.ddx'],
    ['a folder of another name', { ...a, rule: { ...rule, id: 'cpu/c' } }, 'cpu/a/rule.ts calls itself cpu/c'],
    ['a scenario of another rule', { ...a, scenario: b.scenario }, 'cpu/a/scenario.ts belongs to cpu/b'],
    ['an unknown rule', folder('cpu/a', { mimics: ['cpu/b'], causes: ['cpu/z'] }), 'cpu/a names cpu/z, which does not exist'],
    ['itself', folder('cpu/a', { mimics: ['cpu/b', 'cpu/a'] }), 'cpu/a names itself'],
    ['an unknown cause', folder('cpu/a', { causedBy: ['cpu/z'] }), 'cpu/a names cpu/z, which does not exist'],
    ['headings in another order', { ...a, explain: a.explain!.replace('## Fix', '## Cure') }, 'cpu/a/explain.md has the headings'],
    ['an empty section', { ...a, explain: a.explain!.replace('## Fix\n\nText.', '## Fix') }, 'says nothing under "Fix"'],
    ['a heading in code only', { ...a, explain: a.explain!.replace('## Fix', '```\n## Fix\n```') }, 'cpu/a/explain.md has the headings'],
    ['a healthy server with a rule', { ...well, rule }, 'healthy/x is a healthy server'],
    ['a healthy server that is ill', { ...well, scenario: scenarioOf('healthy/x', 'cpu/a') }, 'must not name the rule cpu/a'],
  ])('%s', (_, changed, sentence) => {
    const catalogue = [a, b, well].map((one) => (one.id === changed.id ? changed : one));
    expect(complaints(catalogue)).toEqual(expect.arrayContaining([expect.stringContaining(sentence)]));
  });
});
