import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Channel, type ChannelEvents, type Exchange, openSocket } from '../channel.js';
import type { ErrorKind, LoadOptions } from '../options.js';
import { compileRequest } from '../request-bytes.js';
import { clientFrame, MessageReader, OPCODE } from './frames.js';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MOST_HEAD_BYTES = 64 * 1024;
const SWITCHING = 101;

/** One WebSocket: each message that is sent is answered by the next that comes. */
export class WebSocketConnection implements Channel {
  readonly #events: ChannelEvents;
  readonly #options: LoadOptions;
  readonly #socket: Socket;
  readonly #bornUs: number;
  readonly #key = randomBytes(16).toString('base64');
  readonly #reader = new MessageReader(this);
  readonly #isOpen = (): boolean => this.#state === 'open';
  #exchange: Exchange | null;
  #state: 'connecting' | 'open' | 'gone' = 'connecting';
  #head = '';
  #nowUs = 0;
  #port = -1;
  readonly isReserved: boolean;
  isListed = false;
  wasOpen = false;
  answers = 0;
  room = 0;

  constructor(options: LoadOptions, events: ChannelEvents, first: readonly Exchange[]) {
    this.#events = events;
    this.#options = options;
    this.#bornUs = events.nowUs();
    this.#exchange = first[0] ?? null;
    this.isReserved = this.#exchange !== null;
    this.#socket = openSocket(options, ['http/1.1'], {
      connected: () => this.#greet(),
      read: (length, buffer) => this.#read(length, buffer),
      ended: () => this.#fail('closed'),
      failed: (kind) => this.#fail(kind),
    });
  }

  send(exchange: Exchange, nowUs: number): void {
    this.room = 0;
    this.#exchange = exchange;
    exchange.firstByteUs = -1;
    exchange.port = this.#port;
    exchange.sentUs = nowUs;
    this.#socket.write(exchange.bytes);
  }

  sweep(beforeUs: number): void {
    if (this.#exchange ? this.#exchange.startUs <= beforeUs : this.#state === 'connecting' && this.#bornUs <= beforeUs)
      this.#fail('timeout');
  }

  close(): void {
    if (this.#state === 'open') this.#socket.write(clientFrame(OPCODE.close, Buffer.of(3, 232)));
    this.#leave();
  }

  /** From the reader. Messages that answer nothing are the server's own business. */
  message(bytes: number): void {
    const exchange = this.#exchange;
    if (!exchange) return;
    this.answers++;
    this.#exchange = null;
    exchange.status = SWITCHING;
    exchange.answerBytes = bytes;
    this.room = 1;
    this.#events.answered(this, exchange, this.#nowUs);
  }

  /** From the reader. */
  control(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.ping) this.#socket.write(clientFrame(OPCODE.pong, payload));
    else if (opcode === OPCODE.close) {
      // A goodbye is no beginning of an answer.
      if (this.#exchange) this.#exchange.firstByteUs = -1;
      this.#socket.write(clientFrame(OPCODE.close, payload));
      this.#fail('closed');
    }
  }

  /** The upgrade request has path and headers of the first template. */
  #greet(): void {
    if (this.#state !== 'connecting') return;
    this.#port = this.#socket.localPort ?? -1;
    const [template] = this.#options.requests;
    const headers = {
      ...template!.headers,
      ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': this.#key },
    };
    const { body: _, ...upgrade } = template!;
    this.#socket.write(compileRequest({ ...upgrade, method: 'GET', headers }, 0, this.#options).bytes(Math.random));
  }

  #read(length: number, buffer: Buffer): boolean {
    if (this.#state === 'gone') return false;
    this.#nowUs = this.#events.nowUs();
    let at = 0;
    if (this.#state === 'connecting') {
      const text = buffer.toString('latin1', 0, length);
      const begin = this.#head.length;
      this.#head += text;
      const end = this.#head.indexOf('\r\n\r\n');
      if (end < 0) {
        if (this.#head.length > MOST_HEAD_BYTES) this.#fail('malformed');
        return true;
      }
      if (!this.#isAccepted(this.#head.slice(0, end))) {
        this.#fail('malformed');
        return false;
      }
      this.#open();
      at = end + 4 - begin;
    } else if (this.#exchange && this.#exchange.firstByteUs < 0) this.#exchange.firstByteUs = this.#nowUs;
    if (!this.#reader.feed(buffer, at, length, this.#isOpen)) this.#fail('malformed');
    return true;
  }

  #isAccepted(head: string): boolean {
    const accept = createHash('sha1').update(`${this.#key}${GUID}`).digest('base64');
    const said = /^sec-websocket-accept:[ \t]*(\S+)/im.exec(head)?.[1];
    return /^HTTP\/1\.1 101 ?/.test(head) && said === accept;
  }

  #open(): void {
    this.#state = 'open';
    this.wasOpen = true;
    this.#head = '';
    if (this.#exchange) this.send(this.#exchange, this.#nowUs);
    else this.room = 1;
    this.#events.opened(this);
  }

  #fail(kind: ErrorKind): void {
    if (this.#state === 'gone') return;
    const exchange = this.#exchange;
    this.#leave();
    if (exchange) this.#events.failed(this, [exchange], exchange.firstByteUs >= 0 && kind === 'closed' ? 'truncated' : kind, false);
    this.#events.gone(this, exchange && kind === 'malformed' ? 'closed' : kind);
  }

  #leave(): void {
    this.#state = 'gone';
    this.#exchange = null;
    this.room = 0;
    this.#socket.destroySoon();
  }
}
