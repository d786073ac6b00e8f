import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { DdxError } from '../errors.js';
import type { NodeProgram } from './campaign.js';

/** Where version managers keep Node, one folder per version: nvm, fnm, n, volta, asdf, mise. */
const HOMES = [
  '.nvm/versions/node/*/bin/node',
  '.local/share/fnm/node-versions/*/installation/bin/node',
  '.volta/tools/image/node/*/bin/node',
  '.asdf/installs/nodejs/*/bin/node',
  '.local/share/mise/installs/node/*/bin/node',
];

/** "20,22,/opt/node24/bin/node": major versions or paths. Default: the Node that runs ddx. Throws DDX_USAGE for one that can't be found. */
export function nodePrograms(list: string | undefined): NodeProgram[] {
  if (list === undefined) return [{ path: process.execPath, version: process.version }];
  return list.split(',').map((wanted) => (/^\d+$/.test(wanted) ? ofMajor(Number(wanted)) : at(resolve(wanted), wanted)));
}

function ofMajor(major: number): NodeProgram {
  if (process.version.startsWith(`v${major}.`)) return { path: process.execPath, version: process.version };
  const candidates = HOMES.flatMap((pattern) => installed(join(homedir(), pattern)));
  const found = candidates.map((path) => at(path, path)).filter(({ version }) => version.startsWith(`v${major}.`));
  if (found.length === 0) throw notFound(`No Node ${major} was found in the folders of nvm, fnm, volta, asdf and mise.`);
  return found.at(-1)!;
}

function installed(pattern: string): string[] {
  const [before, after] = pattern.split('*') as [string, string];
  if (!existsSync(before)) return [];
  return readdirSync(before)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => join(before, name + after))
    .filter((path) => existsSync(path));
}

function at(path: string, wanted: string): NodeProgram {
  try {
    return { path, version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim() };
  } catch (error) {
    throw notFound(`${wanted}: ${path} can't be run: ${(error as Error).message.split('\n')[0]}.`);
  }
}

function notFound(message: string): DdxError {
  return new DdxError('DDX_USAGE', message, 'Install it, or give the path of the program: --node 20,/opt/node24/bin/node');
}
