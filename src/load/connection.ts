import type { Socket } from 'node:net';
import { type Channel, type ChannelEvents, type Exchange, openSocket } from './channel.js';
import type { ErrorKind, LoadOptions } from './options.js';
import { ResponseParser } from './response-parser.js';

/** One HTTP/1.1 keep-alive connection, which carries one request at a time. */
export class Connection implements Channel {
  readonly #socket: Socket;
  readonly #events: ChannelEvents;
  readonly #parser = new ResponseParser();
  readonly #bornUs: number;
  #exchange: Exchange | null;
  #state: 'connecting' | 'open' | 'gone' = 'connecting';
  #port = -1;
  readonly isReserved: boolean;
  isListed = false;
  wasOpen = false;
  answers = 0;
  room = 0;

  /** The one of `first`, if any, is sent as soon as it is connected. */
  constructor(options: LoadOptions, events: ChannelEvents, first: readonly Exchange[]) {
    this.#events = events;
    this.#bornUs = events.nowUs();
    this.#exchange = first[0] ?? null;
    this.isReserved = this.#exchange !== null;
    this.#socket = openSocket(options, ['http/1.1'], {
      connected: () => this.#connected(),
      read: (length, buffer) => this.#read(length, buffer),
      ended: () => this.#ended(),
      failed: (kind) => this.#fail(kind),
    });
  }

  send(exchange: Exchange, nowUs: number): void {
    this.room = 0;
    this.#exchange = exchange;
    exchange.firstByteUs = -1;
    exchange.port = this.#port;
    exchange.sentUs = nowUs;
    this.#parser.begin(exchange.request.method, exchange.request.keepsAnswer);
    this.#socket.write(exchange.bytes);
  }

  sweep(beforeUs: number): void {
    if (this.#exchange ? this.#exchange.startUs <= beforeUs : this.#state === 'connecting' && this.#bornUs <= beforeUs)
      this.#fail('timeout');
  }

  close(): void {
    this.#leave();
  }

  #connected(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'open';
    this.wasOpen = true;
    this.#port = this.#socket.localPort ?? -1;
    if (this.#exchange) this.send(this.#exchange, this.#events.nowUs());
    else this.room = 1;
    this.#events.opened(this);
  }

  #read(length: number, buffer: Buffer): boolean {
    const exchange = this.#exchange;
    if (this.#state !== 'open') return false;
    if (!exchange) {
      this.#fail('malformed');
      return false;
    }
    const nowUs = this.#events.nowUs();
    if (exchange.firstByteUs < 0) exchange.firstByteUs = nowUs;
    const parsed = this.#parser.feed(buffer, length);
    if (parsed === 'done') this.#answered(exchange, nowUs);
    else if (parsed === 'malformed') this.#fail('malformed');
    return true;
  }

  #answered(exchange: Exchange, nowUs: number): void {
    const parser = this.#parser;
    this.answers++;
    this.#exchange = null;
    exchange.status = parser.status;
    exchange.answerBytes = parser.bodyBytes;
    if (exchange.request.keepsAnswer) exchange.answer = parser.takeKept();
    if (parser.reusable) {
      this.room = 1;
      this.#events.answered(this, exchange, nowUs);
      return;
    }
    this.#leave();
    this.#events.answered(this, exchange, nowUs);
    this.#events.gone(this, parser.overrun ? 'malformed' : 'closed');
  }

  #ended(): void {
    const exchange = this.#exchange;
    if (this.#state === 'open' && exchange && this.#parser.end()) this.#answered(exchange, this.#events.nowUs());
    else this.#fail(exchange && exchange.firstByteUs >= 0 ? 'truncated' : 'closed');
  }

  #fail(kind: ErrorKind): void {
    if (this.#state === 'gone') return;
    const exchange = this.#exchange;
    this.#leave();
    if (exchange) this.#events.failed(this, [exchange], kind, false);
    this.#events.gone(this, exchange && kind === 'malformed' ? 'closed' : kind);
  }

  #leave(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#exchange = null;
    this.room = 0;
    this.#socket.destroy();
  }
}
