import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { DdxError } from '../errors.js';

export interface Server {
  host: string;
  port: number;
  /** `alpn`: what the server must agree to speak. */
  tls: { insecure: boolean; alpn: string } | null;
}

const EACH_TRY_MS = 2_000;
const PAUSE_MS = 100;

/** All addresses of a name. Throws DDX_LOAD_UNREACHABLE where it has none. */
export async function addressesOf(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DdxError('DDX_LOAD_UNREACHABLE', `The name ${host} has no address (${code}).`, 'Look at the host of the URL.', {
      cause: error,
    });
  }
}

/** 127.0.0.0/8 and ::1, also as an IPv4 address within IPv6. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./i.test(address);
}

/**
 * The first of the addresses that takes a connection, within `waitMs`: a server that is just being started is waited for. Null when
 * `signal` was aborted. Throws DDX_LOAD_UNREACHABLE.
 */
export async function reach(server: Server, addresses: readonly string[], waitMs: number, signal: AbortSignal): Promise<string | null> {
  const deadlineMs = performance.now() + waitMs;
  for (;;) {
    let reason = '';
    for (const address of addresses) {
      const leftMs = Math.max(PAUSE_MS, deadlineMs - performance.now());
      const problem = await tryConnect(server, address, Math.min(EACH_TRY_MS, leftMs));
      if (signal.aborted) return null;
      if (problem === null) return address;
      // A certificate will not become better by waiting.
      if (problem.final) throw unreachable(server, problem.says, problem.next);
      reason = problem.says;
    }
    if (performance.now() + PAUSE_MS > deadlineMs)
      throw unreachable(server, `${reason} (waited ${waitMs / 1000} s)`, 'Start the server, or wait longer with --wait 60s.');
    await delay(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}

type Problem = { says: string; final: boolean; next: string };

function tryConnect({ host, port, tls }: Server, address: string, withinMs: number): Promise<Problem | null> {
  return new Promise((resolve) => {
    const socket = tls
      ? connectTls({
          host: address,
          port,
          servername: /[:]|^[\d.]+$/.test(host) ? '' : host,
          rejectUnauthorized: !tls.insecure,
          ALPNProtocols: [tls.alpn],
        })
      : connect({ host: address, port });
    const finish = (problem: Problem | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(problem);
    };
    const timer = setTimeout(() => finish(soft('no connection in time')), withinMs);
    socket.on('error', (error: NodeJS.ErrnoException) => finish(problemOf(error)));
    socket.on('close', () => finish(soft('the connection was closed at once')));
    socket.on(tls ? 'secureConnect' : 'connect', () => {
      const agreed = 'alpnProtocol' in socket ? socket.alpnProtocol : null;
      if (tls?.alpn === 'h2' && agreed !== 'h2')
        return finish({ says: 'the server does not speak HTTP/2 over TLS', final: true, next: 'Leave out --http2.' });
      finish(null);
    });
  });
}

function problemOf(error: NodeJS.ErrnoException): Problem {
  if (error.code === 'ECONNREFUSED') return soft('the connection was refused');
  if (error.code === 'ERR_SSL_WRONG_VERSION_NUMBER' || error.code === 'EPROTO')
    return { says: 'the server does not speak TLS there', final: true, next: 'Write http:// instead of https://, or name another port.' };
  if (/CERT|SIGNED|ALTNAME|ISSUER|LEAF/.test(error.code ?? ''))
    return {
      says: `its certificate is not accepted: ${error.message}`,
      final: true,
      next: 'For a certificate of your own: --insecure, or NODE_EXTRA_CA_CERTS=ca.pem.',
    };
  return soft(error.message);
}

function soft(says: string): Problem {
  return { says, final: false, next: '' };
}

function unreachable({ host, port }: Server, why: string, next: string): DdxError {
  return new DdxError('DDX_LOAD_UNREACHABLE', `${host}:${port} can't be reached: ${why}.`, next);
}
