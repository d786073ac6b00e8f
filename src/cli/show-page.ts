import { spawn } from 'node:child_process';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `ddx show --open`: the page in a folder that only this user may read, and a browser on it. It stays there for as long as it is looked at. */
export async function openPage(page: string): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), 'ddx-report-')), 'report.html');
  writeFileSync(file, page);
  const [command, ...args] = opener(file);
  const browser = spawn(command, args, { stdio: 'ignore', detached: true });
  const failure = await once(browser, 'spawn').then(
    () => null,
    (error: Error) => error.message,
  );
  browser.unref();
  const sentence = failure === null ? 'opened' : `no browser could be started (${failure}); the page is`;
  process.stderr.write(`ddx  ${sentence} ${file}\n`);
}

/** BROWSER, as other tools take it, before the system's own. */
function opener(file: string): [command: string, ...args: string[]] {
  if (process.env['BROWSER']) return [process.env['BROWSER'], file];
  if (process.platform === 'darwin') return ['open', file];
  if (process.platform === 'win32') return ['cmd', '/c', 'start', '""', file];
  return ['xdg-open', file];
}

/** `ddx show --serve`: the page on the loopback, for whoever knows the token in its address, until `signal`. */
export async function servePage(page: string, signal: AbortSignal): Promise<void> {
  const token = randomBytes(16).toString('base64url');
  const server = createServer((request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('X-Frame-Options', 'DENY');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (!isAllowed(request, token, (server.address() as AddressInfo).port)) return response.writeHead(404).end('Not found.\n');
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': Buffer.byteLength(page) });
    return response.end(request.method === 'HEAD' ? undefined : page);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  process.stderr.write(`ddx  the report is at http://127.0.0.1:${port}/${token}/ (Ctrl-C ends it)\n`);
  if (!signal.aborted) await once(signal, 'abort');
  server.closeAllConnections();
  server.close();
}

/** The name asked for must be ours as well: a foreign site may let its own name lead to the loopback (DNS rebinding). */
function isAllowed({ method, url = '', headers }: IncomingMessage, token: string, port: number): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (headers.host !== `127.0.0.1:${port}` && headers.host !== `localhost:${port}`) return false;
  const given = Buffer.from(url);
  const wanted = Buffer.from(`/${token}/`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
