import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const shared = Buffer.allocUnsafe(4096);

/** The text of a file under /proc or /sys, or null: what it describes may be gone, or not for us to read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

/** A small file that is read again and again: opened once (3 us per read instead of 9), at most 4 KiB. */
export class KeptFile {
  #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  static open(path: string): KeptFile | null {
    try {
      return new KeptFile(openSync(path, 'r'));
    } catch {
      return null;
    }
  }

  /** null once the thread or process is gone. */
  read(): string | null {
    if (this.#fd < 0) return null;
    try {
      return shared.toString('latin1', 0, readSync(this.#fd, shared, 0, shared.length, 0));
    } catch {
      return null;
    }
  }

  close(): void {
    if (this.#fd < 0) return;
    try {
      closeSync(this.#fd);
    } catch {}
    this.#fd = -1;
  }
}
