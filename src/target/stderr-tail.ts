import { stripVTControlCharacters } from 'node:util';

const MAX_BYTES = 16 * 1024;
const MAX_LINES = 40;
const MAX_LINE_CHARS = 500;

/** Keeps the last of a byte stream, bounded. */
export class Tail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes - this.#chunks[0]!.length >= MAX_BYTES) this.#bytes -= this.#chunks.shift()!.length;
  }

  /** Whole lines without terminal control sequences, oldest first. */
  lines(): string[] {
    const all = Buffer.concat(this.#chunks);
    const text = all.subarray(Math.max(0, all.length - MAX_BYTES)).toString('utf8');
    const lines = withoutControls(text).split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-MAX_LINES).map((line) => line.slice(0, MAX_LINE_CHARS));
  }
}

function withoutControls(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?/g, '\n')
    .replace(/\p{Cc}/gu, (control) => (control === '\n' || control === '\t' ? control : ''));
}
