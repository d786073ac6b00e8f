import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ErrorKind, LoadOptions } from './options.js';
import type { CompiledRequest } from './request-bytes.js';

/** One request on its way. Times are microseconds from the origin, -1 = not yet. */
export interface Exchange {
  readonly intendedUs: number;
  /** For a free connection. */
  waitedUs: number;
  readonly request: CompiledRequest;
  readonly bytes: Buffer;
  /** When it was given to a connection, from where the timeout counts. */
  startUs: number;
  sentUs: number;
  firstByteUs: number;
  retries: number;
  /** Local port of the connection it was sent on, -1 before. */
  port: number;
  /** Of the answer. */
  status: number;
  answerBytes: number;
  /** Only where the request asked for it (`keepsAnswer`). */
  answer: KeptAnswer | null;
}

export interface KeptAnswer {
  /** Header lines as they came, without the status line. */
  head: string;
  /** Up to MOST_KEPT_BYTES of the body. */
  body: Buffer;
}

export const MOST_KEPT_BYTES = 1024 * 1024;

/** A connection, whatever it speaks. It calls back for each exchange it was given exactly once, and `gone` once. */
export interface Channel {
  /** How many more exchanges it can carry at this moment. */
  readonly room: number;
  /** Whether it was ever usable. */
  readonly wasOpen: boolean;
  /** Answers that came over it. */
  readonly answers: number;
  /** Whether it stands in the list of those with room; the owner's own mark. */
  isListed: boolean;
  /** Given exchanges to begin with, it does not count as one that is being opened for those that wait. */
  readonly isReserved: boolean;
  send(exchange: Exchange, nowUs: number): void;
  /** Gives up on what began before that moment. */
  sweep(beforeUs: number): void;
  /** Without a word to the owner. */
  close(): void;
}

export interface ChannelEvents {
  nowUs(): number;
  /** Usable; what it was opened with is sent already. */
  opened(channel: Channel): void;
  /** A complete answer. */
  answered(channel: Channel, exchange: Exchange, doneUs: number): void;
  /** No answer. `unprocessed`: the server said that it did not look at it. */
  failed(channel: Channel, exchanges: readonly Exchange[], kind: ErrorKind, unprocessed: boolean): void;
  /** The connection is gone; its exchanges were reported before. `malformed`: bytes came that nobody had asked for. */
  gone(channel: Channel, kind: ErrorKind): void;
}

export type ChannelClass = new (options: LoadOptions, events: ChannelEvents, first: readonly Exchange[]) => Channel;

/** Shared by all sockets of the thread: each read is consumed before the next begins. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** Opens the connection of a channel; `read` gets the shared buffer and may not keep it. `connected` comes after the TLS handshake. */
export function openSocket(
  { host, port, tls }: LoadOptions,
  alpn: readonly string[],
  on: { connected(): void; read(length: number, buffer: Buffer): boolean; ended(): void; failed(kind: ErrorKind): void },
): Socket {
  const common = {
    host,
    port,
    onread: { buffer: READ_BUFFER, callback: (length: number, buffer: Uint8Array) => on.read(length, buffer as Buffer) },
  };
  const socket: Socket | TLSSocket = tls
    ? connectTls({
        ...common,
        ...(tls.servername ? { servername: tls.servername } : {}),
        rejectUnauthorized: !tls.insecure,
        ALPNProtocols: [...alpn],
        // Resumed handshakes are what browsers and pools do, and they spare the server.
        ...(ticket ? { session: ticket } : {}),
      })
    : connect({ ...common, noDelay: true });
  if (tls) {
    socket.setNoDelay(true);
    socket.on('secureConnect', () => on.connected());
    socket.on('session', (latest: Buffer) => {
      ticket = latest;
    });
  } else socket.on('connect', () => on.connected());
  socket.on('error', (error: NodeJS.ErrnoException) => on.failed(kindOf(error)));
  socket.on('end', () => on.ended());
  socket.on('close', () => on.failed('closed'));
  return socket;
}

/** Of the one server this thread talks to. */
let ticket: Buffer | undefined;

function kindOf(error: NodeJS.ErrnoException): ErrorKind {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
      return 'reset';
    case 'ETIMEDOUT':
      return 'timeout';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'unresolved';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'unreachable';
    case 'EADDRNOTAVAIL':
    case 'EMFILE':
    case 'ENFILE':
      return 'local';
    default:
      return /^(ERR_SSL|ERR_TLS|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_)/.test(error.code ?? '') ? 'tls' : 'other';
  }
}
