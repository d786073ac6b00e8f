import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DdxError } from '../errors.js';

/** Path of a built file below dist/, from the bundle (dist/cli.js, dist/chunks/*) or from the sources (src/cli/*). */
export function assetPath(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let up = 0; up < 3; up++) {
    for (const candidate of [join(folder, name), join(folder, 'dist', name)]) if (existsSync(candidate)) return candidate;
    folder = dirname(folder);
  }
  throw new DdxError('DDX_INTERNAL', `ddx's own file ${name} is missing.`, 'Install ddx again; in a checkout, run: npm run build');
}

export function readAsset(name: string): string {
  return readFileSync(assetPath(name), 'utf8');
}
