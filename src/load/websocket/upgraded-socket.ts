import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { openSocket } from '../channel.js';
import type { ErrorKind, LoadOptions } from '../options.js';
import { compileRequest } from '../request-bytes.js';
import { clientFrame, MessageReader, OPCODE } from './frames.js';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MOST_HEAD_BYTES = 64 * 1024;
const NORMAL_CLOSURE = Buffer.of(3, 232);
/** What messages are booked with as status. */
export const SWITCHING = 101;

export interface SocketEvents {
  opened(): void;
  /** Bytes have come, of whatever. */
  bytes?(): void;
  /** A whole message; `beginning`: up to 1 kB of it. */
  message(bytes: number, beginning: string): void;
  /** It is over, for whatever reason; may come several times. */
  failed(kind: ErrorKind): void;
}

/** A connection that was upgraded to WebSocket: the handshake, pings, and whole messages. */
export class UpgradedSocket {
  readonly #options: LoadOptions;
  readonly #clock: { nowUs(): number };
  readonly #on: SocketEvents;
  readonly #socket: Socket;
  readonly #bornUs: number;
  readonly #key = randomBytes(16).toString('base64');
  readonly #reader: MessageReader;
  readonly #isOpen = (): boolean => this.#state === 'open';
  #state: 'connecting' | 'open' | 'over' = 'connecting';
  #head = '';
  /** When the last bytes came. */
  nowUs = 0;
  port = -1;

  constructor(options: LoadOptions, clock: { nowUs(): number }, on: SocketEvents) {
    this.#options = options;
    this.#clock = clock;
    this.#on = on;
    this.#bornUs = clock.nowUs();
    this.#reader = new MessageReader(this, options.broadcast !== undefined);
    this.#socket = openSocket(options, ['http/1.1'], {
      connected: () => this.#greet(),
      read: (length, buffer) => this.#read(length, buffer),
      ended: () => on.failed('closed'),
      failed: (kind) => on.failed(kind),
    });
  }

  isConnectingSince(beforeUs: number): boolean {
    return this.#state === 'connecting' && this.#bornUs <= beforeUs;
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  end(): void {
    if (this.#state === 'open') this.#socket.write(clientFrame(OPCODE.close, NORMAL_CLOSURE));
    this.#state = 'over';
    this.#socket.destroySoon();
  }

  /** From the reader. */
  message(bytes: number, beginning: string): void {
    this.#on.message(bytes, beginning);
  }

  /** From the reader. */
  control(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.ping) this.#socket.write(clientFrame(OPCODE.pong, payload));
    else if (opcode === OPCODE.close) this.#on.failed('closed');
  }

  /** The upgrade request has path and headers of the first template. */
  #greet(): void {
    if (this.#state !== 'connecting') return;
    this.port = this.#socket.localPort ?? -1;
    const [template] = this.#options.requests;
    const headers = {
      ...template!.headers,
      ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': this.#key },
    };
    const { body: _, ...upgrade } = template!;
    this.#socket.write(compileRequest({ ...upgrade, method: 'GET', headers }, 0, this.#options).bytes(Math.random));
  }

  #read(length: number, buffer: Buffer): boolean {
    if (this.#state === 'over') return false;
    this.nowUs = this.#clock.nowUs();
    let at = 0;
    if (this.#state === 'connecting') {
      at = this.#readHead(buffer.toString('latin1', 0, length));
      if (at < 0) return true;
    } else this.#on.bytes?.();
    if (!this.#reader.feed(buffer, at, length, this.#isOpen)) this.#on.failed('malformed');
    return true;
  }

  /** Where the first frame begins in that piece; -1 before the head is whole, and when it is no agreement. */
  #readHead(piece: string): number {
    const before = this.#head.length;
    this.#head += piece;
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0 && this.#head.length <= MOST_HEAD_BYTES) return -1;
    if (end < 0 || !this.#isAccepted(this.#head.slice(0, end))) {
      this.#on.failed('malformed');
      return -1;
    }
    this.#head = '';
    this.#state = 'open';
    this.#on.opened();
    return end + 4 - before;
  }

  #isAccepted(head: string): boolean {
    const accept = createHash('sha1').update(`${this.#key}${GUID}`).digest('base64');
    const said = /^sec-websocket-accept:[ \t]*(\S+)/im.exec(head)?.[1];
    return /^HTTP\/1\.1 101 ?/.test(head) && said === accept;
  }
}
