import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

interface Locked {
  version: string;
  engines?: { node?: string };
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

const root = resolve(import.meta.dirname, '..');
const lock = JSON.parse(readFileSync(resolve(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };

/** npm forgets packages of other platforms when its registry has them not; npm ci then fails, or installs no compiler on a Mac. */
it('the lock file has the packages of every platform', () => {
  const locked = new Set(Object.entries(lock.packages).map(([path, { version }]) => `${path.split('node_modules/').pop()}@${version}`));
  const missing = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
    Object.entries(optionalDependencies)
      .filter(([, version]) => /^\d/.test(version))
      .map(([name, version]) => `${name}@${version}`)
      .filter((name) => !locked.has(name)),
  );
  expect(missing).toEqual([]);
});

it('every locked package runs on the oldest supported Node', () => {
  const refusing = Object.entries(lock.packages).filter(([, { engines }]) => engines?.node && !admits(engines.node, [20, 19, 0]));
  expect(refusing.map(([path, { engines }]) => `${path}: ${engines!.node}`)).toEqual([]);
});

/** Enough of semver for the ranges that engines fields have: alternatives of comparators, carets and tildes. */
function admits(range: string, version: number[]): boolean {
  return range.split('||').some((alternative) => {
    const comparators = alternative
      .replace(/([<>=^~]+)\s+/g, '$1')
      .trim()
      .split(/\s+/);
    return comparators.every((comparator) => admitsOne(comparator, version));
  });
}

function admitsOne(comparator: string, version: number[]): boolean {
  const [, sign = '', text = ''] = /^([<>=^~]*)v?(.*)$/.exec(comparator)!;
  if (text === '' || text === '*') return true;
  const wanted = text.split('.').map((part) => (/^\d+/.test(part) ? Number.parseInt(part, 10) : 0));
  const order = version[0]! - wanted[0]! || version[1]! - (wanted[1] ?? 0) || version[2]! - (wanted[2] ?? 0);
  if (sign === '>=') return order >= 0;
  if (sign === '>') return order > 0;
  if (sign === '<') return order < 0;
  if (sign === '<=') return order <= 0;
  return version[0] === wanted[0] && order >= 0;
}
