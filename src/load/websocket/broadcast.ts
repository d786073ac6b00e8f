import type { Channel, ChannelEvents, Exchange } from '../channel.js';
import type { ErrorKind, LoadOptions } from '../options.js';
import type { PlainRequest } from '../request-bytes.js';
import { clientFrame, OPCODE } from './frames.js';
import { Hall } from './hall.js';
import { SWITCHING, UpgradedSocket } from './upgraded-socket.js';

/** Messages of one socket that are on their way at a time. */
const MOST_WAITING = 100;

/** One hall for each engine. */
const HALLS = new WeakMap<ChannelEvents, Hall<BroadcastConnection>>();

/** The text alone: it is framed when its mark is known. */
export function broadcastBytes({ body }: PlainRequest): (path: string) => Buffer {
  const bytes = Buffer.from(body ?? '');
  return () => bytes;
}

/** One WebSocket of many: what it sends is answered when all others have got it. */
export class BroadcastConnection implements Channel {
  readonly #events: ChannelEvents;
  readonly #socket: UpgradedSocket;
  readonly #hall: Hall<BroadcastConnection>;
  #first: readonly Exchange[];
  #isGone = false;
  readonly isReserved: boolean;
  isListed = false;
  wasOpen = false;
  answers = 0;
  room = 0;

  constructor(options: LoadOptions, events: ChannelEvents, first: readonly Exchange[]) {
    this.#events = events;
    this.#first = first;
    this.isReserved = first.length > 0;
    this.#hall = HALLS.get(events) ?? new Hall();
    HALLS.set(events, this.#hall);
    this.#socket = new UpgradedSocket(options, events, {
      opened: () => this.#opened(),
      message: (bytes, beginning) => {
        const post = this.#hall.heard(this, beginning, bytes);
        if (post) post.sender.#complete(post.exchange);
      },
      failed: (kind) => this.#fail(kind),
    });
  }

  send(exchange: Exchange, nowUs: number): void {
    exchange.firstByteUs = -1;
    exchange.answerBytes = 0;
    exchange.port = this.#socket.port;
    exchange.sentUs = nowUs;
    this.room--;
    const mark = this.#hall.post(this, exchange);
    if (mark === null) queueMicrotask(() => this.#complete(exchange));
    else this.#socket.write(clientFrame(OPCODE.text, Buffer.concat([Buffer.from(`${mark} `), exchange.bytes])));
  }

  sweep(beforeUs: number): void {
    const expired = this.#hall.expired(this, beforeUs);
    this.room += expired.length;
    if (expired.length > 0) this.#events.failed(this, expired, 'timeout', false);
    if (this.#socket.isConnectingSince(beforeUs)) this.#fail('timeout');
  }

  close(): void {
    this.#leave();
  }

  #opened(): void {
    this.wasOpen = true;
    this.room = MOST_WAITING;
    this.#hall.enter(this);
    const first = this.#first;
    this.#first = [];
    for (const exchange of first) this.send(exchange, this.#socket.nowUs);
    this.#events.opened(this);
  }

  #complete(exchange: Exchange): void {
    if (this.#isGone) return;
    const nowUs = this.#events.nowUs();
    this.answers++;
    this.room++;
    exchange.status = SWITCHING;
    exchange.firstByteUs = nowUs;
    this.#events.answered(this, exchange, nowUs);
  }

  #fail(kind: ErrorKind): void {
    if (this.#isGone) return;
    const lost = [...this.#leave(), ...this.#first];
    if (lost.length > 0) this.#events.failed(this, lost, kind, false);
    this.#events.gone(this, lost.length > 0 && kind === 'malformed' ? 'closed' : kind);
  }

  /** What it had sent and is not complete. */
  #leave(): Exchange[] {
    if (this.#isGone) return [];
    this.#isGone = true;
    this.room = 0;
    const { own, completed } = this.#hall.leave(this);
    this.#socket.end();
    for (const { sender, exchange } of completed) sender.#complete(exchange);
    return own;
  }
}
