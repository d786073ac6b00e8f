import type { Channel, ChannelEvents, Exchange } from '../channel.js';
import type { ErrorKind, LoadOptions } from '../options.js';
import { SWITCHING, UpgradedSocket } from './upgraded-socket.js';

/** One WebSocket: each message that is sent is answered by the next that comes. */
export class WebSocketConnection implements Channel {
  readonly #events: ChannelEvents;
  readonly #socket: UpgradedSocket;
  #exchange: Exchange | null;
  #isGone = false;
  readonly isReserved: boolean;
  isListed = false;
  wasOpen = false;
  answers = 0;
  room = 0;

  constructor(options: LoadOptions, events: ChannelEvents, first: readonly Exchange[]) {
    this.#events = events;
    this.#exchange = first[0] ?? null;
    this.isReserved = this.#exchange !== null;
    this.#socket = new UpgradedSocket(options, events, {
      opened: () => this.#opened(),
      bytes: () => {
        if (this.#exchange && this.#exchange.firstByteUs < 0) this.#exchange.firstByteUs = this.#socket.nowUs;
      },
      message: (bytes) => this.#message(bytes),
      failed: (kind) => this.#fail(kind),
    });
  }

  send(exchange: Exchange, nowUs: number): void {
    this.room = 0;
    this.#exchange = exchange;
    exchange.firstByteUs = -1;
    exchange.port = this.#socket.port;
    exchange.sentUs = nowUs;
    this.#socket.write(exchange.bytes);
  }

  sweep(beforeUs: number): void {
    if (this.#exchange ? this.#exchange.startUs <= beforeUs : this.#socket.isConnectingSince(beforeUs)) this.#fail('timeout');
  }

  close(): void {
    this.#leave();
  }

  #opened(): void {
    this.wasOpen = true;
    if (this.#exchange) this.send(this.#exchange, this.#socket.nowUs);
    else this.room = 1;
    this.#events.opened(this);
  }

  /** Messages that answer nothing are the server's own business. */
  #message(bytes: number): void {
    const exchange = this.#exchange;
    if (!exchange) return;
    this.answers++;
    this.#exchange = null;
    exchange.status = SWITCHING;
    exchange.answerBytes = bytes;
    // It may have come in one piece with the agreement to upgrade.
    if (exchange.firstByteUs < 0) exchange.firstByteUs = this.#socket.nowUs;
    this.room = 1;
    this.#events.answered(this, exchange, this.#socket.nowUs);
  }

  #fail(kind: ErrorKind): void {
    if (this.#isGone) return;
    const exchange = this.#exchange;
    this.#leave();
    if (exchange) this.#events.failed(this, [exchange], kind, false);
    this.#events.gone(this, exchange && kind === 'malformed' ? 'closed' : kind);
  }

  #leave(): void {
    this.#isGone = true;
    this.#exchange = null;
    this.room = 0;
    this.#socket.end();
  }
}
