import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceNeed } from '../scenario.js';
import { RECIPES } from './recipes.js';

const tried = new Map<ServiceNeed, string | null>();

/**
 * Null where the server can be started here; else why not, in words that say what to do. Installs its Debian package as root when it is
 * missing (some ten seconds, once).
 */
export function missingService(name: ServiceNeed): string | null {
  const known = tried.get(name);
  if (known !== undefined) return known;
  const because = RECIPES[name].find() ? null : install(name);
  tried.set(name, because);
  return because;
}

function install(name: ServiceNeed): string | null {
  const packages = RECIPES[name].packages;
  if (process.platform !== 'linux') return `needs ${name}; it is started on Linux only`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return `needs ${name}: install ${packages.join(' and ')}`;
  if (!apt(packages)) return `needs ${name}: apt-get could not install ${packages.join(' and ')}`;
  return RECIPES[name].find() ? null : `needs ${name}: ${packages.join(' and ')} did not bring its server`;
}

/**
 * Debian's packages start their server on its well-known port as soon as they are installed, unless a policy says no (invoke-rc.d(8)).
 * Whoever else wants to install waits for the lock: the policy must not go while another installs.
 */
const SCRIPT = `
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\\nexit 101\\n' > $policy && chmod 755 $policy
  trap 'rm -f $policy' EXIT
fi
install() { apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"; }
install "$@" || { apt-get update -qq && install "$@"; }
`;

function apt(packages: readonly string[]): boolean {
  const lock = join(tmpdir(), 'ddx-install.lock');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('flock', [lock, 'sh', '-c', SCRIPT, 'sh', ...packages], { stdio: 'ignore', env, timeout: 300_000 }).status === 0;
}
