// Brings a fresh clone to where npm test can run: dependencies, and a browser for the browser test where that is ours to install.
// Plain JavaScript without dependencies: it runs before there are any.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '..');

/** npm ci where node_modules is absent or older than the lock file. Throws when npm fails. */
export function ensureDependencies() {
  const marker = join(root, 'node_modules/.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs) return;
  if (existsSync(marker) && isInstalled()) return;
  console.log('▸ installing dependencies');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
}

/** A clone that was copied has younger lock files than modules; npm itself knows whether they agree. */
function isInstalled() {
  return spawnSync('npm', ['ls', '--depth=0'], { cwd: root, stdio: 'ignore', shell: process.platform === 'win32' }).status === 0;
}

/** Debian's Chromium where we are root and there is none. Without one the browser test says that it was skipped, and why. */
function ensureBrowser() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (process.env.DDX_CHROMIUM || folders.some((folder) => names.some((name) => existsSync(join(folder, name))))) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  console.log('▸ installing chromium for the browser test');
  const apt = (...args) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  apt('update', '-qq');
  if (apt('install', '-y', '-qq', '--no-install-recommends', 'chromium').status !== 0)
    console.log('  apt could not install it; the browser test will be skipped');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  ensureDependencies();
  ensureBrowser();
}
