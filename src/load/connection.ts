import { connect, type Socket } from 'node:net';
import type { ErrorKind } from './options.js';
import type { CompiledRequest } from './request-bytes.js';
import { ResponseParser } from './response-parser.js';

/** One request on its way. Times are microseconds from the origin, -1 = not yet. */
export interface Exchange {
  readonly intendedUs: number;
  readonly request: CompiledRequest;
  readonly bytes: Buffer;
  /** When it was given to a connection, from where the timeout counts. */
  startUs: number;
  sentUs: number;
  firstByteUs: number;
  retried: boolean;
}

export interface ConnectionEvents {
  nowUs(): number;
  connected(connection: Connection): void;
  /** A complete answer; the connection is free again if it is still `open`. */
  answered(connection: Connection, exchange: Exchange, status: number, bytes: number): void;
  /** The connection is gone (once only); `exchange` is what it carried. */
  failed(connection: Connection, exchange: Exchange | null, kind: ErrorKind): void;
}

/** Shared by all sockets: each read is consumed before the next begins. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** One keep-alive connection that carries one request at a time. */
export class Connection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #parser = new ResponseParser();
  exchange: Exchange | null = null;
  state: 'connecting' | 'open' | 'gone' = 'connecting';
  /** Whether it was ever connected. */
  wasOpen = false;
  /** Local port, -1 before it is connected. */
  port = -1;
  readonly #bornUs: number;
  answers = 0;

  /** `first` is sent as soon as it is connected. */
  constructor(host: string, port: number, events: ConnectionEvents, first: Exchange | null) {
    this.#events = events;
    this.#bornUs = events.nowUs();
    this.exchange = first;
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      onread: { buffer: READ_BUFFER, callback: (length, buffer) => this.#read(length, buffer as Buffer) },
    });
    this.#socket.on('connect', () => this.#connected());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.fail(kindOf(error)));
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('close', () => this.fail('closed'));
  }

  /** Since when it works on its request or on being connected; Infinity when it is idle. */
  busySinceUs(): number {
    if (this.exchange) return this.exchange.startUs;
    return this.state === 'connecting' ? this.#bornUs : Number.POSITIVE_INFINITY;
  }

  send(exchange: Exchange): void {
    this.exchange = exchange;
    exchange.firstByteUs = -1;
    this.#parser.begin(exchange.request.method);
    exchange.sentUs = this.#events.nowUs();
    this.#socket.write(exchange.bytes);
  }

  fail(kind: ErrorKind): void {
    const exchange = this.#leave();
    if (exchange !== undefined) this.#events.failed(this, exchange, kind);
  }

  /** Without a word to the owner. */
  close(): void {
    this.#leave();
  }

  #connected(): void {
    if (this.state !== 'connecting') return;
    this.state = 'open';
    this.wasOpen = true;
    this.port = this.#socket.localPort ?? -1;
    if (this.exchange) this.send(this.exchange);
    this.#events.connected(this);
  }

  #read(length: number, buffer: Buffer): boolean {
    const { exchange } = this;
    if (this.state !== 'open') return false;
    if (!exchange) {
      this.fail('malformed');
      return false;
    }
    if (exchange.firstByteUs < 0) exchange.firstByteUs = this.#events.nowUs();
    const parsed = this.#parser.feed(buffer, length);
    if (parsed === 'malformed') this.fail('malformed');
    else if (parsed === 'done') this.#answered(exchange);
    return true;
  }

  #answered(exchange: Exchange): void {
    this.answers++;
    this.exchange = null;
    if (!this.#parser.reusable) this.#leave();
    this.#events.answered(this, exchange, this.#parser.status, this.#parser.bodyBytes);
  }

  #ended(): void {
    const { exchange } = this;
    if (this.state === 'open' && exchange && this.#parser.end()) this.#answered(exchange);
    else this.fail('closed');
  }

  /** What it carried, or undefined if it was gone already. */
  #leave(): Exchange | null | undefined {
    if (this.state === 'gone') return undefined;
    const { exchange } = this;
    this.state = 'gone';
    this.exchange = null;
    this.#socket.destroy();
    return exchange;
  }
}

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
      return 'other';
  }
}
