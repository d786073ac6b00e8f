import { closeSync, openSync, readSync } from 'node:fs';

const shared = Buffer.allocUnsafe(1 << 16);
/** seq_file fills at least a page before it returns short (fs/seq_file.c). */
const SURELY_WHOLE = 2048;

/**
 * The text of a file under /proc or /sys, or null: what it describes may be gone, or not for us to read. The size of such a file is not
 * known beforehand, which is why readFileSync takes five system calls where three do.
 */
export function readText(path: string): string | null {
  let fd = -1;
  try {
    fd = openSync(path, 'r');
    let text = '';
    for (let bytes = shared.length; bytes > 0; ) {
      bytes = readSync(fd, shared, 0, shared.length, null);
      text += shared.toString('latin1', 0, bytes);
      // The kernel hands out whole records and stops early; only an empty read of a long file is its end.
      if (text.length < SURELY_WHOLE) break;
    }
    return text;
  } catch {
    return null;
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

/** A small file that is read again and again: opened once (3 us per read instead of 9), at most 64 KiB. */
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
