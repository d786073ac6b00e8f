import { HEAD_BYTES, MAX_FRAME_BYTES } from './frames.js';

export interface FrameSink {
  /** A whole frame; `buffer` from..to is its payload and is not kept. */
  frame(type: number, flags: number, stream: number, buffer: Buffer, from: number, to: number): void;
}

/** Cuts what comes into frames, wherever it was split. */
export class FrameReader {
  readonly #sink: FrameSink;
  /** A frame that has begun in an earlier piece. */
  #carry = Buffer.allocUnsafeSlow(HEAD_BYTES + MAX_FRAME_BYTES);
  #carried = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** False for a frame that is longer than it may be: this is not HTTP/2. `isOpen`: asked before each frame. */
  feed(buffer: Buffer, length: number, isOpen: () => boolean): boolean {
    let at = 0;
    while (at < length && isOpen()) {
      if (this.#carried === 0 && length - at >= HEAD_BYTES) {
        const end = at + HEAD_BYTES + payloadBytes(buffer, at);
        if (end - at > HEAD_BYTES + MAX_FRAME_BYTES) return false;
        if (end <= length) {
          this.#deliver(buffer, at, end);
          at = end;
          continue;
        }
      }
      // The head first: only then is it known how much belongs to the frame.
      const wanted = this.#carried < HEAD_BYTES ? HEAD_BYTES : HEAD_BYTES + payloadBytes(this.#carry, 0);
      if (wanted > HEAD_BYTES + MAX_FRAME_BYTES) return false;
      const taken = Math.min(wanted - this.#carried, length - at);
      buffer.copy(this.#carry, this.#carried, at, at + taken);
      this.#carried += taken;
      at += taken;
      if (this.#carried < HEAD_BYTES || this.#carried < HEAD_BYTES + payloadBytes(this.#carry, 0)) continue;
      const end = this.#carried;
      this.#carried = 0;
      this.#deliver(this.#carry, 0, end);
    }
    return true;
  }

  #deliver(buffer: Buffer, at: number, end: number): void {
    const stream = (((buffer[at + 5]! & 0x7f) << 24) | (buffer[at + 6]! << 16) | (buffer[at + 7]! << 8) | buffer[at + 8]!) >>> 0;
    this.#sink.frame(buffer[at + 3]!, buffer[at + 4]!, stream, buffer, at + HEAD_BYTES, end);
  }
}

function payloadBytes(buffer: Buffer, at: number): number {
  return (buffer[at]! << 16) | (buffer[at + 1]! << 8) | buffer[at + 2]!;
}
