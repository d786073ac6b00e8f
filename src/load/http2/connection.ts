import type { Socket } from 'node:net';
import { type Channel, type ChannelEvents, type Exchange, MOST_KEPT_BYTES, openSocket } from '../channel.js';
import type { ErrorKind, LoadOptions } from '../options.js';
import { FLAG, FRAME, frame, HEAD_BYTES, MAX_FRAME_BYTES, PREFACE, settings, uint32 } from './frames.js';
import { FrameReader } from './reader.js';
import { statusOf } from './status.js';

const SETTING = { tableSize: 1, push: 2, maxStreams: 3, initialWindow: 4 } as const;
const CODE = { protocolError: 1, refused: 7, cancel: 8 } as const;
const DEFAULT_WINDOW = 65_535;
const WIDEST_WINDOW = 2 ** 31 - 1;
/** After so many bytes a window is widened again. */
const TOP_UP_BYTES = 2 ** 29;
/** Ids are odd and never used again; after the last a connection carries no more. */
const LAST_STREAM = 2 ** 31 - 1;
const DEFAULT_STREAMS = 100;
const OUT_BYTES = 64 * 1024;

/** A body that waits for its receiver's window. */
interface Unsent {
  body: Buffer;
  at: number;
  window: number;
}

/** One HTTP/2 connection, which carries many requests at a time. */
export class Http2Connection implements Channel {
  readonly #events: ChannelEvents;
  readonly #socket: Socket;
  readonly #bornUs: number;
  readonly #most: number;
  readonly #reader = new FrameReader(this);
  readonly #streams = new Map<number, Exchange>();
  readonly #unsent = new Map<number, Unsent>();
  readonly #isOpen = (): boolean => this.#state !== 'gone';
  #first: readonly Exchange[];
  #state: 'connecting' | 'open' | 'leaving' | 'gone' = 'connecting';
  #out = Buffer.allocUnsafe(OUT_BYTES);
  #outUsed = 0;
  #flushWanted = false;
  #nextStream = 1;
  #serverStreams = DEFAULT_STREAMS;
  #serverWindow = DEFAULT_WINDOW;
  #sendWindow = DEFAULT_WINDOW;
  #received = 0;
  #nowUs = 0;
  #port = -1;
  readonly isReserved: boolean;
  isListed = false;
  wasOpen = false;
  answers = 0;
  room = 0;

  constructor(options: LoadOptions, events: ChannelEvents, first: readonly Exchange[]) {
    this.#events = events;
    this.#bornUs = events.nowUs();
    this.#first = first;
    this.isReserved = first.length > 0;
    this.#most = options.streams ?? DEFAULT_STREAMS;
    this.#socket = openSocket(options, ['h2'], {
      connected: () => this.#greet(),
      read: (length, buffer) => this.#read(length, buffer),
      ended: () => this.#fail('closed'),
      failed: (kind) => this.#fail(kind),
    });
  }

  send(exchange: Exchange, nowUs: number): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    exchange.firstByteUs = -1;
    exchange.port = this.#port;
    exchange.sentUs = nowUs;
    exchange.status = 0;
    exchange.answerBytes = 0;
    exchange.answer = null;
    this.#streams.set(stream, exchange);
    if (this.#nextStream >= LAST_STREAM) this.#state = 'leaving';
    this.#count();
    this.#sendFrames(stream, exchange.bytes);
  }

  sweep(beforeUs: number): void {
    if (this.#state === 'connecting') {
      if (this.#bornUs <= beforeUs) this.#fail('timeout');
      return;
    }
    for (const [stream, exchange] of this.#streams) {
      if (exchange.startUs > beforeUs) continue;
      this.#write(frame(FRAME.reset, 0, stream, uint32(CODE.cancel)));
      this.#end(stream);
      this.#events.failed(this, [exchange], 'timeout', false);
    }
    this.#leaveIfDone();
  }

  close(): void {
    this.#leave();
  }

  /** From the reader: one frame. */
  frame(type: number, flags: number, stream: number, buffer: Buffer, from: number, to: number): void {
    const isAck = (flags & FLAG.ack) !== 0;
    const length = to - from;
    if (this.#state === 'connecting' && type !== FRAME.settings) this.#fail('malformed');
    else if (type === FRAME.data) this.#data(flags, stream, buffer, from, to);
    else if (type === FRAME.headers) this.#headers(flags, stream, buffer, from, to);
    else if (type === FRAME.reset) this.#reset(stream, length === 4 ? buffer.readUInt32BE(from) : CODE.protocolError);
    else if (type === FRAME.settings && !isAck) this.#settings(buffer, from, to);
    else if (type === FRAME.ping && !isAck) this.#write(frame(FRAME.ping, FLAG.ack, 0, buffer.subarray(from, to)));
    else if (type === FRAME.goaway && length >= 8) this.#goaway(buffer.readUInt32BE(from) & WIDEST_WINDOW);
    else if (type === FRAME.windowUpdate && length === 4) this.#widened(stream, buffer.readUInt32BE(from) & WIDEST_WINDOW);
  }

  #greet(): void {
    if (this.#state !== 'connecting') return;
    this.#port = this.#socket.localPort ?? -1;
    this.#write(PREFACE);
    // Without a dynamic table answers can be read one by one, without a state of the connection.
    this.#write(settings([[SETTING.tableSize, 0], [SETTING.push, 0], [SETTING.initialWindow, WIDEST_WINDOW]])); // biome-ignore format: pairs
    this.#write(frame(FRAME.windowUpdate, 0, 0, uint32(WIDEST_WINDOW - DEFAULT_WINDOW)));
  }

  #read(length: number, buffer: Buffer): boolean {
    if (this.#state === 'gone') return false;
    this.#nowUs = this.#events.nowUs();
    if (!this.#reader.feed(buffer, length, this.#isOpen)) this.#fail('malformed');
    else this.#leaveIfDone();
    return true;
  }

  #settings(buffer: Buffer, from: number, to: number): void {
    for (let at = from; at + 6 <= to; at += 6) {
      const id = buffer.readUInt16BE(at);
      const value = buffer.readUInt32BE(at + 2);
      if (id === SETTING.maxStreams) this.#serverStreams = value;
      else if (id === SETTING.initialWindow) {
        for (const unsent of this.#unsent.values()) unsent.window += value - this.#serverWindow;
        this.#serverWindow = value;
      }
    }
    this.#write(frame(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0)));
    this.#count();
    this.#sendBodies();
    if (this.#state !== 'connecting') return;
    this.#state = 'open';
    this.wasOpen = true;
    this.#count();
    const first = this.#first;
    this.#first = [];
    const fits = this.room;
    for (const exchange of first.slice(0, fits)) this.send(exchange, this.#nowUs);
    if (first.length > fits) this.#events.failed(this, first.slice(fits), 'closed', true);
    this.#events.opened(this);
  }

  #headers(flags: number, stream: number, buffer: Buffer, from: number, to: number): void {
    const exchange = this.#streams.get(stream);
    if (!exchange) return;
    if (exchange.firstByteUs < 0) exchange.firstByteUs = this.#nowUs;
    const padding = flags & FLAG.padded ? buffer[from]! : 0;
    const begin = from + (flags & FLAG.padded ? 1 : 0) + (flags & FLAG.priority ? 5 : 0);
    const status = statusOf(buffer, begin, to - padding);
    if (status > 0) exchange.status = status;
    if (flags & FLAG.endStream) this.#answered(stream, exchange);
  }

  #data(flags: number, stream: number, buffer: Buffer, from: number, to: number): void {
    this.#received += to - from;
    if (this.#received >= TOP_UP_BYTES) {
      this.#write(frame(FRAME.windowUpdate, 0, 0, uint32(this.#received)));
      this.#received = 0;
    }
    const exchange = this.#streams.get(stream);
    if (!exchange) return;
    const padding = flags & FLAG.padded ? buffer[from]! + 1 : 0;
    const before = exchange.answerBytes;
    exchange.answerBytes += Math.max(0, to - from - padding);
    if (Math.floor(before / TOP_UP_BYTES) !== Math.floor(exchange.answerBytes / TOP_UP_BYTES))
      this.#write(frame(FRAME.windowUpdate, 0, stream, uint32(TOP_UP_BYTES)));
    if (exchange.request.keepsAnswer && before < MOST_KEPT_BYTES)
      keep(exchange, buffer.subarray(padding > 0 ? from + 1 : from, to - Math.max(0, padding - 1)));
    if (flags & FLAG.endStream) this.#answered(stream, exchange);
  }

  #answered(stream: number, exchange: Exchange): void {
    this.#end(stream);
    if (exchange.status === 0) {
      this.#events.failed(this, [exchange], 'malformed', false);
      return;
    }
    this.answers++;
    exchange.answer ??= exchange.request.keepsAnswer ? { head: '', body: Buffer.alloc(0) } : null;
    this.#events.answered(this, exchange, this.#nowUs);
  }

  #reset(stream: number, code: number): void {
    const exchange = this.#streams.get(stream);
    if (!exchange) return;
    this.#end(stream);
    this.#events.failed(this, [exchange], 'reset', code === CODE.refused);
  }

  /** The server takes no more; what it says it did not look at goes elsewhere, the rest may still be answered. */
  #goaway(lastStream: number): void {
    this.#state = 'leaving';
    const unseen = [...this.#streams].filter(([stream]) => stream > lastStream);
    for (const [stream] of unseen) this.#end(stream);
    this.#count();
    if (unseen.length > 0) this.#events.failed(this, unseen.map(([, exchange]) => exchange), 'closed', true); // biome-ignore format: one call
  }

  #end(stream: number): void {
    this.#streams.delete(stream);
    this.#unsent.delete(stream);
    this.#count();
  }

  #count(): void {
    this.room = this.#state === 'open' ? Math.max(0, Math.min(this.#most, this.#serverStreams) - this.#streams.size) : 0;
  }

  #leaveIfDone(): void {
    if (this.#state !== 'leaving' || this.#streams.size > 0) return;
    this.#leave();
    this.#events.gone(this, 'closed');
  }

  #sendFrames(stream: number, bytes: Buffer): void {
    // Nearly all requests are one HEADERS frame.
    for (let at = 0; at < bytes.length; ) {
      const end = at + HEAD_BYTES + bytes.readUIntBE(at, 3);
      if (bytes[at + 3] === FRAME.data) {
        this.#unsent.set(stream, { body: bytes.subarray(at + HEAD_BYTES, end), at: 0, window: this.#serverWindow });
        this.#sendBodies();
      } else {
        const place = this.#write(bytes, at, end);
        if (place >= 0) this.#out.writeUInt32BE(stream, place + 5);
      }
      at = end;
    }
  }

  #sendBodies(): void {
    for (const [stream, unsent] of this.#unsent) {
      while (unsent.at < unsent.body.length) {
        const length = Math.min(MAX_FRAME_BYTES, unsent.body.length - unsent.at, unsent.window, this.#sendWindow);
        if (length <= 0) break;
        const isLast = unsent.at + length === unsent.body.length;
        this.#write(frame(FRAME.data, isLast ? FLAG.endStream : 0, stream, unsent.body.subarray(unsent.at, unsent.at + length)));
        unsent.at += length;
        unsent.window -= length;
        this.#sendWindow -= length;
      }
      if (unsent.at === unsent.body.length) this.#unsent.delete(stream);
    }
  }

  #widened(stream: number, byBytes: number): void {
    if (stream === 0) this.#sendWindow += byBytes;
    else {
      const unsent = this.#unsent.get(stream);
      if (unsent) unsent.window += byBytes;
    }
    this.#sendBodies();
  }

  /** Gathers what is sent in one turn of the loop into one write. Returns where in #out the bytes lie. */
  #write(bytes: Buffer, from = 0, to = bytes.length): number {
    if (this.#outUsed + to - from > OUT_BYTES) this.#flush();
    const place = this.#outUsed;
    bytes.copy(this.#out, place, from, to);
    this.#outUsed += to - from;
    if (!this.#flushWanted) {
      this.#flushWanted = true;
      process.nextTick(this.#flush);
    }
    return place;
  }

  readonly #flush = (): void => {
    this.#flushWanted = false;
    if (this.#outUsed === 0 || this.#state === 'gone') return;
    this.#socket.write(this.#out.subarray(0, this.#outUsed));
    this.#outUsed = 0;
    // What the kernel did not take at once is still read from there.
    if (this.#socket.writableLength > 0) this.#out = Buffer.allocUnsafe(OUT_BYTES);
  };

  #fail(kind: ErrorKind): void {
    if (this.#state === 'gone') return;
    const lost = [...this.#streams.values(), ...this.#first];
    this.#leave();
    const [begun, unanswered] = [lost.filter(({ firstByteUs }) => firstByteUs >= 0), lost.filter(({ firstByteUs }) => firstByteUs < 0)];
    if (begun.length > 0) this.#events.failed(this, begun, kind === 'closed' ? 'truncated' : kind, false);
    if (unanswered.length > 0) this.#events.failed(this, unanswered, kind, false);
    this.#events.gone(this, lost.length > 0 && kind === 'malformed' ? 'closed' : kind);
  }

  #leave(): void {
    this.#state = 'gone';
    this.room = 0;
    this.#streams.clear();
    this.#unsent.clear();
    this.#first = [];
    this.#socket.destroy();
  }
}

function keep(exchange: Exchange, piece: Buffer): void {
  const body = exchange.answer ? Buffer.concat([exchange.answer.body, piece]) : Buffer.from(piece);
  exchange.answer = { head: '', body: body.subarray(0, MOST_KEPT_BYTES) };
}
