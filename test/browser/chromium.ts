import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];
const SWITCHES = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser to test the page with, or why there is none. On Debian as root Chromium is installed where it is absent. */
export function findChromium(): { path: string } | { missing: string } {
  const known = PLACES.find((place) => existsSync(place));
  if (known) return { path: known };
  if (!existsSync('/etc/debian_version')) return { missing: 'no Chromium in /usr/bin, and only on Debian is it installed by the tests' };
  if (process.getuid?.() !== 0) return { missing: 'no Chromium in /usr/bin, and not root to install it: apt-get install chromium' };
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
  const installed = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env, encoding: 'utf8' });
  const now = PLACES.find((place) => existsSync(place));
  return now
    ? { path: now }
    : { missing: `apt-get could not install chromium: ${(installed.stderr || String(installed.error)).trim().split('\n').at(-1)}` };
}

export function launchChromium(path: string): Promise<Browser> {
  return chromium.launch({ executablePath: path, args: SWITCHES });
}

/** Builds the page anew, so that what is tested is what the sources say. Returns the template. */
export function buildPage(root: string): string {
  execFileSync(process.execPath, ['scripts/build.mjs', 'page'], {
    cwd: root,
    stdio: 'pipe',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  return `${root}/dist/ui/index.html`;
}
