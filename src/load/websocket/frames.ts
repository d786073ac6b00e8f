import type { PlainRequest } from '../request-bytes.js';

/** RFC 6455, section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const FIN = 0x80;
const MASKED = 0x80;

/** A frame as clients send it: masked, with a key of zeros, which leaves the payload as it is. */
export function clientFrame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const bytes = Buffer.alloc(2 + extra + 4 + length);
  bytes[0] = FIN | opcode;
  bytes[1] = MASKED | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) bytes.writeUInt16BE(length, 2);
  else if (extra === 8) bytes.writeBigUInt64BE(BigInt(length), 2);
  bytes.set(payload, 2 + extra + 4);
  return bytes;
}

/** A message of a load is the body of its request. */
export function messageBytes({ body }: PlainRequest): (path: string) => Buffer {
  const bytes = clientFrame(OPCODE.text, Buffer.from(body ?? 'ddx'));
  return () => bytes;
}

export interface MessageSink {
  /** A whole message of so many bytes; `beginning`: up to 1 kB of it, where it is kept. */
  message(bytes: number, beginning: string): void;
  control(opcode: number, payload: Buffer): void;
}

const MOST_CONTROL_BYTES = 125;
const BEGINNING_BYTES = 1_024;

/** Cuts what a server sends into messages, wherever it was split. Payloads are counted, not kept, but for a beginning. */
export class MessageReader {
  readonly #sink: MessageSink;
  readonly #keepsBeginning: boolean;
  readonly #head = Buffer.alloc(10);
  #headUsed = 0;
  #left = 0;
  #opcode = 0;
  #isFinal = false;
  #messageBytes = 0;
  #inMessage = false;
  #control: Buffer[] = [];
  #beginning = '';

  /** `keepsBeginning`: messages are told with theirs, which costs a string each. */
  constructor(sink: MessageSink, keepsBeginning = false) {
    this.#sink = sink;
    this.#keepsBeginning = keepsBeginning;
  }

  /** False when it is not WebSocket. `isOpen`: asked before each frame. */
  feed(buffer: Buffer, from: number, length: number, isOpen: () => boolean): boolean {
    let at = from;
    while (at < length && isOpen()) {
      if (this.#left === 0) {
        this.#head[this.#headUsed++] = buffer[at++]!;
        const read = this.#readHead();
        if (read === 'wrong') return false;
        if (read === 'more') continue;
      }
      const taken = Math.min(this.#left, length - at);
      if (this.#opcode >= OPCODE.close) this.#control.push(Buffer.from(buffer.subarray(at, at + taken)));
      else {
        if (this.#keepsBeginning && this.#beginning.length < BEGINNING_BYTES)
          this.#beginning += buffer.toString('latin1', at, Math.min(at + taken, at + BEGINNING_BYTES));
        this.#messageBytes += taken;
      }
      this.#left -= taken;
      at += taken;
      if (this.#left === 0) this.#ended();
    }
    return true;
  }

  #readHead(): 'more' | 'wrong' | 'whole' {
    const head = this.#head;
    if (this.#headUsed < 2) return 'more';
    const short = head[1]! & 0x7f;
    const wanted = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (this.#headUsed < wanted) return 'more';
    this.#headUsed = 0;
    this.#opcode = head[0]! & 0x0f;
    this.#isFinal = (head[0]! & FIN) !== 0;
    this.#left = short < 126 ? short : short === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2));
    const isControl = this.#opcode >= OPCODE.close;
    // Servers do not mask, no extension was asked for, and messages are not within one another.
    if ((head[1]! & MASKED) !== 0 || (head[0]! & 0x70) !== 0 || !Object.values<number>(OPCODE).includes(this.#opcode)) return 'wrong';
    if (isControl ? !this.#isFinal || this.#left > MOST_CONTROL_BYTES : (this.#opcode === OPCODE.continuation) !== this.#inMessage)
      return 'wrong';
    if (!isControl) this.#inMessage = !this.#isFinal;
    if (this.#left > 0) return 'whole';
    this.#ended();
    return 'more';
  }

  #ended(): void {
    if (this.#opcode >= OPCODE.close) {
      const payload = Buffer.concat(this.#control);
      this.#control = [];
      this.#sink.control(this.#opcode, payload);
    } else if (this.#isFinal) {
      const [bytes, beginning] = [this.#messageBytes, this.#beginning];
      this.#messageBytes = 0;
      this.#beginning = '';
      this.#sink.message(bytes, beginning);
    }
  }
}
