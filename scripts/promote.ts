// Sets each rule's stage to what rules/scores.json has earned it: npm run promote. With --dry-run it only says what it would do. A rule
// with too few runs stays what it is.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { RULES } from '../rules/index.js';
import { readScores } from './scores.js';

const root = resolve(import.meta.dirname, '..');
const isDry = process.argv.includes('--dry-run');
const scores = readScores(
  root,
  RULES.map(({ id }) => id),
);
if (!scores) throw new Error('rules/scores.json holds no run: npm run score -- --save');

for (const { rule, stage, lacks } of scores.card.rules) {
  const now = RULES.find(({ id }) => id === rule)!.stage;
  const because = lacks.length > 0 ? `: ${lacks.join('; ')}` : '';
  const changes = stage !== 'undecided' && stage !== now && now !== 'retired';
  console.log(`${changes ? '*' : ' '} ${rule} is ${now}${changes ? `, earns ${stage}` : ''}${because}`);
  if (!changes || isDry) continue;
  const file = resolve(root, 'rules', rule, 'rule.ts');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^( {2}stage: )'\w+',$/m, `$1'${stage}',`));
}
if (!isDry) console.log('Now: npm run generate');
