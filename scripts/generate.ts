// Writes the files that follow from others: npm run generate. With --check it writes nothing and fails where one is out of step.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { withLabSection } from './accuracy-section.js';
import { readCatalogue } from './catalogue.js';
import { errorsPage, rulesIndex, rulesReadme, scenariosIndex } from './generated-pages.js';
import { reportSchema } from './report-schema.js';
import { rulePages } from './rule-pages.js';
import { readScores } from './scores.js';

const root = resolve(import.meta.dirname, '..');
const folders = await readCatalogue(resolve(root, 'rules'));
const ids = folders.flatMap(({ rule }) => rule?.id ?? []);
const scores = readScores(root, ids);
const accuracy = resolve(root, 'docs/accuracy.md');
const outputs: Record<string, string> = {
  'rules/index.ts': rulesIndex(folders),
  'rules/scenarios.ts': scenariosIndex(folders),
  'rules/README.md': rulesReadme(folders, scores?.card ?? null),
  'docs/accuracy.md': withLabSection(existsSync(accuracy) ? readFileSync(accuracy, 'utf8') : null, scores),
  'docs/errors.md': errorsPage(),
  'docs/report.schema.json': reportSchema(),
  ...rulePages(folders, scores?.card ?? null),
};

const isCheck = process.argv.includes('--check');
for (const [path, text] of Object.entries(outputs)) {
  const file = resolve(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (isCheck) {
    console.error(`${path} is out of step; run: npm run generate`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}
