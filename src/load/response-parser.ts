/** `done`: the answer is complete. `more`: it goes on. `malformed`: this is not HTTP/1. */
export type Parsed = 'more' | 'done' | 'malformed';

type State = 'status' | 'header' | 'length' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'done' | 'malformed';

const LF = 10;
const CR = 13;
/** As generous as the most generous of common servers and proxies; beyond it lies garbage. */
const MAX_HEAD_BYTES = 256 * 1024;

/**
 * One HTTP/1 answer after the other, from bytes split anywhere. Lines may end in CRLF or LF. Bodies are counted, not kept.
 * After `done` call `begin` before the next answer.
 */
export class ResponseParser {
  status = 0;
  bodyBytes = 0;
  /** Whether the connection can carry another request after this answer. */
  reusable = true;
  #state: State = 'status';
  #isHead = false;
  #carry = '';
  #lineBudget = MAX_HEAD_BYTES;
  #left = 0;
  #contentLength = -1;
  #transferCoded = false;
  #chunked = false;

  begin(method: string): void {
    this.#isHead = method === 'HEAD';
    this.bodyBytes = 0;
    this.#beginHead();
  }

  /** Takes the first `length` bytes; does not keep the buffer. Bytes after the end of the answer make the connection not reusable. */
  feed(buffer: Buffer, length: number): Parsed {
    let at = 0;
    while (at < length && this.#state !== 'done' && this.#state !== 'malformed') {
      switch (this.#state) {
        case 'until-close':
          this.bodyBytes += length - at;
          at = length;
          break;
        case 'length':
        case 'chunk': {
          const taken = Math.min(this.#left, length - at);
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
    if (at < length) this.reusable = false;
    return 'done';
  }

  /** The server closed the connection: true when that completes the answer. */
  end(): boolean {
    return this.#state === 'until-close' || this.#state === 'done';
  }

  #beginHead(): void {
    this.status = 0;
    this.reusable = true;
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
    if (this.#carry === '' && this.#state === 'header' && isDull(buffer[from]!)) return next;
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
