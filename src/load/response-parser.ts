import { type KeptAnswer, MOST_KEPT_BYTES } from './channel.js';

/** `done`: the answer is complete. `more`: it goes on. `malformed`: this is not HTTP/1. */
export type Parsed = 'more' | 'done' | 'malformed';

type State = 'status' | 'header' | 'length' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'done' | 'malformed';

const LF = 10;
const CR = 13;
/** As generous as the most generous of common servers and proxies; beyond it lies garbage. */
const MAX_HEAD_BYTES = 256 * 1024;

const ZERO = 48;
const SPACE = 32;
const COLON = 58;
const LETTER_C = 0x63;
const LETTER_T = 0x74;
const STATUS_LINE = Buffer.from('HTTP/1.1 ');
/** In lower case, as `startsWith` compares. */
const CONTENT_LENGTH = Buffer.from('content-length:');
const KEEP_ALIVE = Buffer.from('connection: keep-alive\r\n');

/**
 * One HTTP/1 answer after the other, from bytes split anywhere. Lines may end in CRLF or LF. Bodies are counted, not kept.
 * After `done` call `begin` before the next answer.
 */
export class ResponseParser {
  status = 0;
  bodyBytes = 0;
  /** Whether the connection can carry another request after this answer. */
  reusable = true;
  /** Bytes followed that belong to no answer. */
  overrun = false;
  #state: State = 'status';
  #isHead = false;
  #carry = '';
  #lineBudget = MAX_HEAD_BYTES;
  #left = 0;
  #contentLength = -1;
  #transferCoded = false;
  #chunked = false;
  #keeps = false;
  #keptHead = '';
  #keptBody: Buffer[] = [];
  #keptBytes = 0;

  /** `keeps`: head and body are wanted, see `takeKept`. */
  begin(method: string, keeps = false): void {
    this.#isHead = method === 'HEAD';
    this.bodyBytes = 0;
    this.#keeps = keeps;
    this.#beginHead();
  }

  /** After `done`, where `begin` asked to keep. */
  takeKept(): KeptAnswer {
    const kept = { head: this.#keptHead, body: Buffer.concat(this.#keptBody) };
    this.#keptBody = [];
    this.#keptBytes = 0;
    return kept;
  }

  /** Takes the first `length` bytes; does not keep the buffer. Bytes after the end of the answer make the connection not reusable. */
  feed(buffer: Buffer, length: number): Parsed {
    let at = this.#state === 'status' && this.#carry === '' && !this.#keeps ? this.#usualHead(buffer, length) : 0;
    while (at < length && this.#state !== 'done' && this.#state !== 'malformed') {
      switch (this.#state) {
        case 'until-close':
          this.#keep(buffer, at, length);
          this.bodyBytes += length - at;
          at = length;
          break;
        case 'length':
        case 'chunk': {
          const taken = Math.min(this.#left, length - at);
          this.#keep(buffer, at, at + taken);
          this.bodyBytes += taken;
          this.#left -= taken;
          at += taken;
          if (this.#left === 0) this.#state = this.#state === 'length' ? 'done' : 'chunk-end';
          break;
        }
        default:
          at = this.#feedLine(buffer, at, length);
      }
    }
    if (this.#state === 'malformed') return 'malformed';
    if (this.#state !== 'done') return 'more';
    if (at < length) {
      this.reusable = false;
      this.overrun = true;
    }
    return 'done';
  }

  /** The server closed the connection: true when that completes the answer. */
  end(): boolean {
    return this.#state === 'until-close' || this.#state === 'done';
  }

  #keep(buffer: Buffer, from: number, to: number): void {
    if (!this.#keeps || this.#keptBytes >= MOST_KEPT_BYTES) return;
    const piece = Buffer.from(buffer.subarray(from, Math.min(to, from + MOST_KEPT_BYTES - this.#keptBytes)));
    this.#keptBody.push(piece);
    this.#keptBytes += piece.length;
  }

  /**
   * The head of nearly every answer lies in one piece and says nothing but its length: reads it byte by byte, without a string.
   * Returns the index behind it, or 0 for anything unusual, which is then read line by line.
   */
  #usualHead(buffer: Buffer, length: number): number {
    if (length < 16) return 0;
    for (let i = 0; i < STATUS_LINE.length; i++) if (buffer[i] !== STATUS_LINE[i]) return 0;
    const hundreds = buffer[9]! - ZERO;
    const tens = buffer[10]! - ZERO;
    const ones = buffer[11]! - ZERO;
    if (hundreds < 2 || hundreds > 9 || tens < 0 || tens > 9 || ones < 0 || ones > 9) return 0;
    if (buffer[12] !== SPACE) return 0;
    const status = hundreds * 100 + tens * 10 + ones;
    if (this.#isHead || status === 204 || status === 304) return 0;
    let bytes = -1;
    let i = 12;
    for (;;) {
      while (i < length && buffer[i] !== LF) i++;
      if (++i >= length) return 0;
      const first = buffer[i]! | 0x20;
      if (buffer[i] === CR || first === LETTER_T) break;
      if (first !== LETTER_C) continue;
      if (startsWith(buffer, i, CONTENT_LENGTH)) {
        if (bytes >= 0) return 0;
        bytes = lengthAt(buffer, i + CONTENT_LENGTH.length);
        if (bytes < 0) return 0;
      } else if (buffer[i + 10] === COLON && !startsWith(buffer, i, KEEP_ALIVE)) return 0;
    }
    if (bytes < 0 || buffer[i] !== CR || i + 1 >= length || buffer[i + 1] !== LF) return 0;
    this.status = status;
    this.#left = bytes;
    this.#state = bytes === 0 ? 'done' : 'length';
    return i + 2;
  }

  #beginHead(): void {
    this.status = 0;
    this.reusable = true;
    this.overrun = false;
    this.#keptHead = '';
    this.#state = 'status';
    this.#carry = '';
    this.#lineBudget = MAX_HEAD_BYTES;
    this.#contentLength = -1;
    this.#transferCoded = false;
    this.#chunked = false;
  }

  #feedLine(buffer: Buffer, from: number, length: number): number {
    const found = buffer.indexOf(LF, from);
    const complete = found >= 0 && found < length;
    const end = complete ? found : length;
    const next = complete ? found + 1 : length;
    this.#lineBudget -= next - from;
    if (this.#lineBudget < 0) {
      this.#state = 'malformed';
      return next;
    }
    if (!complete) {
      this.#carry += buffer.toString('latin1', from, end);
      // A stream that does not even begin like HTTP will perhaps never end its first line.
      if (this.#state === 'status' && !'HTTP/'.startsWith(this.#carry.slice(0, 5))) this.#state = 'malformed';
      return next;
    }
    if (this.#carry === '' && this.#state === 'header' && !this.#keeps && isDull(buffer[from]!)) return next;
    const text = end > from && buffer[end - 1] === CR ? buffer.toString('latin1', from, end - 1) : buffer.toString('latin1', from, end);
    const line = this.#carry === '' ? text : this.#carry + text;
    this.#carry = '';
    // The carriage return may have come with the previous piece.
    this.#state = this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
    return next;
  }

  #line(line: string): State {
    switch (this.#state) {
      case 'status':
        return this.#statusLine(line);
      case 'header':
        return line === '' ? this.#afterHead() : this.#header(line);
      case 'chunk-size':
        return this.#chunkSize(line);
      case 'chunk-end':
        this.#lineBudget = MAX_HEAD_BYTES;
        return line === '' ? 'chunk-size' : 'malformed';
      default:
        return line === '' ? 'done' : 'trailer';
    }
  }

  #statusLine(line: string): State {
    const match = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: |$)/.exec(line);
    if (!match) return 'malformed';
    this.status = Number(match[2]);
    this.reusable = match[1] !== '0';
    return 'header';
  }

  #header(line: string): State {
    if (this.#keeps) this.#keptHead += `${line}\r\n`;
    const colon = line.indexOf(':');
    if (colon < 0) return 'header';
    const name = line.slice(0, colon).toLowerCase();
    if (name === 'content-length') return this.#lengthHeader(line.slice(colon + 1).trim());
    if (name === 'transfer-encoding') {
      this.#transferCoded = true;
      this.#chunked = /(^|[,\s])chunked\s*$/i.test(line.slice(colon + 1));
    } else if (name === 'connection') {
      const value = line.slice(colon + 1).toLowerCase();
      if (/\bclose\b/.test(value)) this.reusable = false;
      else if (/\bkeep-alive\b/.test(value)) this.reusable = true;
    }
    return 'header';
  }

  #lengthHeader(value: string): State {
    if (!/^\d{1,15}$/.test(value)) return 'malformed';
    const length = Number(value);
    if (this.#contentLength >= 0 && this.#contentLength !== length) return 'malformed';
    this.#contentLength = length;
    return 'header';
  }

  #afterHead(): State {
    if (this.status === 101) {
      this.reusable = false;
      return 'done';
    }
    if (this.status < 200) {
      this.#beginHead();
      return 'status';
    }
    if (this.#isHead || this.status === 204 || this.status === 304) return 'done';
    if (this.#chunked) {
      this.#lineBudget = MAX_HEAD_BYTES;
      return 'chunk-size';
    }
    if (this.#transferCoded || this.#contentLength < 0) {
      this.reusable = false;
      return 'until-close';
    }
    this.#left = this.#contentLength;
    return this.#left === 0 ? 'done' : 'length';
  }

  #chunkSize(line: string): State {
    const match = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line);
    if (!match) return 'malformed';
    this.#left = Number.parseInt(match[1]!, 16);
    return this.#left === 0 ? 'trailer' : 'chunk';
  }
}

/** Only Content-Length, Connection and Transfer-Encoding (and the empty line) say something; others are not worth a string. */
function isDull(first: number): boolean {
  const lower = first | 0x20;
  return lower !== 0x63 && lower !== 0x74 && first !== CR && first !== LF;
}

function startsWith(buffer: Buffer, at: number, lower: Buffer): boolean {
  for (let i = 0; i < lower.length; i++) {
    const byte = buffer[at + i]!;
    if (byte !== lower[i] && (byte < 0x41 || byte > 0x5a || (byte | 0x20) !== lower[i])) return false;
  }
  return true;
}

/** The decimal number up to the end of the line; -1 for anything else. */
function lengthAt(buffer: Buffer, from: number): number {
  let at = from;
  while (buffer[at] === SPACE) at++;
  const begin = at;
  let value = 0;
  for (; at - begin < 15; at++) {
    const digit = buffer[at]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) break;
    value = value * 10 + digit;
  }
  return at > begin && buffer[at] === CR && buffer[at + 1] === LF ? value : -1;
}
