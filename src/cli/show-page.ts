import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPageServer } from './page-server.js';

/** `ddx show --open`: the page in a folder that only this user may read, and a browser on it. It stays there for as long as it is looked at. */
export async function openPage(page: string): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), 'ddx-report-')), 'report.html');
  writeFileSync(file, page);
  await openInBrowser(file);
}

/** Says where it is in any case. */
export async function openInBrowser(place: string): Promise<void> {
  const [command, ...args] = opener(place);
  const browser = spawn(command, args, { stdio: 'ignore', detached: true });
  const failure = await once(browser, 'spawn').then(
    () => null,
    (error: Error) => error.message,
  );
  browser.unref();
  const sentence = failure === null ? 'opened' : `no browser could be started (${failure}); the page is`;
  process.stderr.write(`ddx  ${sentence} ${place}\n`);
}

/** BROWSER, as other tools take it, before the system's own. */
function opener(place: string): [command: string, ...args: string[]] {
  if (process.env['BROWSER']) return [process.env['BROWSER'], place];
  if (process.platform === 'darwin') return ['open', place];
  if (process.platform === 'win32') return ['cmd', '/c', 'start', '""', place];
  return ['xdg-open', place];
}

/** `ddx show --serve`: the page for whoever knows its address, until `signal`. */
export async function servePage(page: string, signal: AbortSignal): Promise<void> {
  const server = await startPageServer(() => page);
  process.stderr.write(`ddx  the report is at ${server.url} (Ctrl-C ends it)\n`);
  if (!signal.aborted) await once(signal, 'abort');
  server.close();
}
