import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
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
  if (!withoutAutostart(() => apt('install', ...packages) || (apt('update') && apt('install', ...packages))))
    return `needs ${name}: apt-get could not install ${packages.join(' and ')}`;
  return RECIPES[name].find() ? null : `needs ${name}: ${packages.join(' and ')} did not bring its server`;
}

function apt(action: 'install' | 'update', ...packages: string[]): boolean {
  // Two test files may want to install at the same time: wait for dpkg's lock.
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...(action === 'install' ? ['-y', '--no-install-recommends'] : [])];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', [action, ...options, ...packages], { stdio: 'ignore', env, timeout: 240_000 }).status === 0;
}

const POLICY = '/usr/sbin/policy-rc.d';

/** Debian's packages start their server on its well-known port as soon as they are installed, unless a policy says no (invoke-rc.d(8)). */
function withoutAutostart(body: () => boolean): boolean {
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return body();
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
}
