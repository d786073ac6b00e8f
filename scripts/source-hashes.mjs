// Which rule and which scenario family is it? Results of an older one must not be mixed with those of a newer one.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/**
 * By rule id: a hash of rule.ts and of every fact that it reads, directly or through other facts. By scenario id: of scenario.ts and
 * the files beside it. A rule's stage is not part of its hash: it follows from the results. But it decides how findings stand to each
 * other, so stages are told beside.
 */
export function sourceHashes(root) {
  const rules = {};
  const families = {};
  const stages = {};
  for (const area of foldersIn(join(root, 'rules'))) {
    for (const name of foldersIn(join(root, 'rules', area))) {
      const id = `${area}/${name}`;
      const dir = join(root, 'rules', area, name);
      const sources = readdirSync(dir).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
      if (sources.includes('rule.ts')) {
        rules[id] = hashOf(root, closure(root, join(dir, 'rule.ts')));
        stages[id] = STAGE.exec(readFileSync(join(dir, 'rule.ts'), 'utf8'))?.[1] ?? '';
      }
      const family = sources.filter((file) => file !== 'rule.ts').map((file) => join(dir, file));
      if (family.length > 0) families[id] = hashOf(root, family);
    }
  }
  families['chaos/composed'] = hashOf(root, [resolve(root, 'src/lab/chaos.ts')]);
  return { rules, families, stages };
}

const STAGE = /^ {2}stage: '(\w+)',$/m;

/** A rule's file and all that it imports from src/facts. */
function closure(root, entry) {
  const facts = resolve(root, 'src/facts');
  const seen = new Set([entry]);
  for (const file of seen) {
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/ from '(\.[^']+)\.js'/g)) {
      const target = `${resolve(dirname(file), specifier)}.ts`;
      if (target.startsWith(facts) && existsSync(target)) seen.add(target);
    }
  }
  return [...seen];
}

function hashOf(root, files) {
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    const text = readFileSync(file, 'utf8').replace(STAGE, '');
    hash.update(`${relative(root, file)}\n${text}\n`);
  }
  return hash.digest('hex').slice(0, 12);
}

function foldersIn(dir) {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
