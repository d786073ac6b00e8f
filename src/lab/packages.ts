import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DdxError } from '../errors.js';
import type { Materialised } from './scenario.js';

/** What `npm install` calls a package that is known by another name: "npm:express@4.22.3"; else its version. */
export type PackageVersions = Readonly<Record<string, string>>;

/** Those of a server's packages that Node would not find from its folder. */
export function missingPackages({ packages, cwd }: Pick<Materialised, 'packages' | 'cwd'>): string[] {
  return packages.filter((name) => !foldersAbove(cwd).some((folder) => existsSync(join(folder, 'node_modules', name))));
}

/** Throws DDX_LAB_PACKAGES_MISSING with the command that installs them. */
export function insistOnPackages(member: Materialised, versions: PackageVersions): void {
  const missing = missingPackages(member);
  if (missing.length === 0) return;
  const wanted = missing.map((name) => (versions[name] ? `${name}@${versions[name]}` : name));
  throw new DdxError(
    'DDX_LAB_PACKAGES_MISSING',
    `The server of ${member.scenario.id}, seed ${member.seed}, is made of ${missing.join(', ')}, which can't be found from ${process.cwd()}.`,
    `Install what is missing and try again: npm install --no-save ${wanted.join(' ')}`,
  );
}

function foldersAbove(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)];
}
