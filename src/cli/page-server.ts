import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PageServer {
  /** With the token that it takes. */
  readonly url: string;
  /** Hands `json` (one line) to all pages that are open, and to those that will be. */
  push(json: string): void;
  /** Lets the pages have what was pushed last, and ends. */
  close(): void;
}

/** A page that does not read gets nothing more until it does: this much may wait for it. */
const MOST_UNREAD_BYTES = 16 << 20;
const MOST_LISTENERS = 32;

/** Serves a page on the loopback, made anew for each who asks and knows the token in its address; below it `events`, what is pushed. */
export async function startPageServer(page: () => string): Promise<PageServer> {
  const token = randomBytes(16).toString('base64url');
  const listeners = new Set<ServerResponse>();
  let last: string | null = null;

  const answer = (path: string, request: IncomingMessage, response: ServerResponse): void => {
    if (path === 'events') {
      if (request.method !== 'GET' || listeners.size >= MOST_LISTENERS) return void response.writeHead(503).end();
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
      response.flushHeaders();
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
      if (last !== null) response.write(`data: ${last}\n\n`);
      return;
    }
    const html = page();
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': Buffer.byteLength(html) });
    response.end(request.method === 'HEAD' ? undefined : html);
  };
  const server = createServer((request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('X-Frame-Options', 'DENY');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const path = allowedPath(request, token, (server.address() as AddressInfo).port);
    if (path === '' || path === 'events') answer(path, request, response);
    else response.writeHead(404).end('Not found.\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${token}/`,
    push(json) {
      last = json;
      for (const listener of listeners) if (listener.writableLength < MOST_UNREAD_BYTES) listener.write(`data: ${json}\n\n`);
    },
    close() {
      for (const listener of listeners) listener.end();
      server.close();
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), LINGER_MS).unref();
    },
  };
}

const LINGER_MS = 500;

/**
 * What stands behind the token; null for whoever does not know it. The name asked for must be ours as well: a foreign site may let its own
 * name lead to the loopback (DNS rebinding).
 */
function allowedPath({ method, url = '', headers }: IncomingMessage, token: string, port: number): string | null {
  if (method !== 'GET' && method !== 'HEAD') return null;
  if (headers.host !== `127.0.0.1:${port}` && headers.host !== `localhost:${port}`) return null;
  const wanted = Buffer.from(`/${token}/`);
  const given = Buffer.from(url.slice(0, wanted.length));
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? url.slice(wanted.length) : null;
}
