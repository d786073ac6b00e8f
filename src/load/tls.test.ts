import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runLoad } from './engine.js';
import { reach, type Server } from './reach.js';
import { faults, gather, get, serveSockets } from './testing.js';

const hasOpenSsl = spawnSync('openssl', ['version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'ddx-tls-'));
const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
beforeAll(() => {
  const subject = ['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  if (hasOpenSsl)
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject], {
      stdio: 'ignore',
    });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Speaks HTTP/2 and HTTP/1.1 over TLS, as the client likes. */
async function serve() {
  const versions = new Set<string>();
  const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert), allowHTTP1: true }, (request, response) => {
    versions.add(request.httpVersion);
    response.end('secret');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, versions, [Symbol.dispose]: () => void server.close() };
}

const noSignal = new AbortController().signal;
const server = (port: number, tls: Server['tls']): Server => ({ host: 'localhost', port, tls });

describe.runIf(hasOpenSsl)('over TLS', () => {
  it.each([
    ['http1', '1.1'],
    ['http2', '2.0'],
  ] as const)('%s is spoken', async (protocol, version) => {
    using target = await serve();
    const tls = { servername: 'localhost', insecure: true };
    const { run, rows } = gather(runLoad, {
      ...{ port: target.port, protocol, tls, requests: [get('/')], arrivals: { kind: 'open', ratePerS: 100 }, durationS: 0.5 },
    });
    const summary = await run.done;
    expect(faults(rows, summary)).toEqual([]);
    expect(summary).toMatchObject({ errors: {}, done: rows.length });
    expect([...target.versions]).toEqual([version]);
  });

  it('a certificate that nobody vouches for is an error of its own kind', async () => {
    using target = await serve();
    const { run, rows } = gather(runLoad, {
      ...{
        port: target.port,
        tls: { servername: 'localhost', insecure: false },
        requests: [get('/')],
        arrivals: { kind: 'open', ratePerS: 100 },
        durationS: 0.3,
      },
    });
    expect((await run.done).errors).toEqual({ tls: rows.length });
  });

  it('what is wrong is said before anything is sent', async () => {
    using target = await serve();
    const trusting = { insecure: true, alpn: 'http/1.1' };
    expect(await reach(server(target.port, trusting), ['127.0.0.1'], 1_000, noSignal)).toBe('127.0.0.1');
    await expect(reach(server(target.port, { ...trusting, insecure: false }), ['127.0.0.1'], 9_000, noSignal)).rejects.toThrow(
      /certificate is not accepted/,
    );
    using plain = await serveSockets((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(reach(server(plain.port, trusting), ['127.0.0.1'], 9_000, noSignal)).rejects.toThrow(/does not speak TLS/);
  });
});
