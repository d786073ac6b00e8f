import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scenario } from './scenario.js';

/** Every scenario below a rules folder, by id. Runs under tsx or Vitest, which load TypeScript. */
export async function discoverScenarios(rulesDir: string): Promise<Map<string, Scenario>> {
  const found = new Map<string, Scenario>();
  for (const area of folders(rulesDir)) {
    for (const name of folders(join(rulesDir, area))) {
      const file = resolve(rulesDir, area, name, 'scenario.ts');
      if (!existsSync(file)) continue;
      const { scenario } = (await import(pathToFileURL(file).href)) as { scenario: Scenario };
      if (scenario.id !== `${area}/${name}`) throw new Error(`${file}: id is ${scenario.id}`);
      found.set(scenario.id, scenario);
    }
  }
  return found;
}

function folders(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
