import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scenario } from '../src/lab/scenario.js';
import type { Rule } from '../src/model/rule.js';

/** A folder rules/<area>/<name>, as it lies there. */
export interface RuleFolder {
  /** "<area>/<name>" */
  readonly id: string;
  /** Names of files and folders in it. */
  readonly entries: readonly string[];
  /** Recordings in golden/. */
  readonly golden: readonly string[];
  readonly rule: Rule | null;
  readonly scenario: Scenario | null;
  readonly explain: string | null;
}

/** Sorted by id; rules/healthy, which holds scenarios only, included. Runs under tsx or Vitest, which load TypeScript. */
export async function readCatalogue(rulesDir: string): Promise<RuleFolder[]> {
  const found: RuleFolder[] = [];
  for (const area of foldersIn(rulesDir)) {
    for (const name of foldersIn(join(rulesDir, area))) {
      const dir = join(rulesDir, area, name);
      found.push({
        id: `${area}/${name}`,
        entries: readdirSync(dir).sort(),
        golden: recordingsIn(join(dir, 'golden')),
        rule: await exported<Rule>(join(dir, 'rule.ts'), 'rule'),
        scenario: await exported<Scenario>(join(dir, 'scenario.ts'), 'scenario'),
        explain: existsSync(join(dir, 'explain.md')) ? readFileSync(join(dir, 'explain.md'), 'utf8') : null,
      });
    }
  }
  return found;
}

export function isHealthy(folder: RuleFolder): boolean {
  return folder.id.startsWith('healthy/');
}

async function exported<T>(file: string, name: string): Promise<T | null> {
  if (!existsSync(file)) return null;
  const module: Record<string, unknown> = await import(pathToFileURL(file).href);
  return (module[name] as T | undefined) ?? null;
}

function recordingsIn(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith('.ddx'))
    .sort();
}

function foldersIn(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
