import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Tail } from './stderr-tail.js';

/** The target's stderr on its way through ddx. */
export interface StderrPipe {
  /** What spawn is to give the target as its stderr. */
  readonly forChild: number | 'inherit';
  /** To be called once the target has its end. */
  handedOver(): void;
  /** Last lines seen; null where they went past ddx. */
  tail(): string[] | null;
  /** Resolves when nobody can write any more, or `withinMs` later. */
  drained(withinMs: number): Promise<void>;
}

/**
 * Byte for byte to our own stderr, with a copy of the last of it. A terminal is handed on as it is, because the target can tell. Otherwise
 * a real pipe, made as a FIFO in `folder`: Node's own `pipe` is a socket, on which a shell's `> /dev/stderr` fails.
 */
export function stderrPipe(folder: string): StderrPipe {
  const ends = process.stderr.isTTY ? null : openPipe(join(folder, 'stderr'));
  if (!ends) return { forChild: 'inherit', handedOver() {}, tail: () => null, drained: async () => {} };
  const tail = new Tail();
  const source = new Socket({ fd: ends.read, readable: true, writable: false });
  const closed = new Promise<void>((resolve) => source.once('close', () => resolve()));
  source.on('error', () => source.destroy());
  source.on('data', (chunk) => {
    tail.add(chunk);
    process.stderr.write(chunk);
  });
  return {
    forChild: ends.write,
    handedOver: () => closeSync(ends.write),
    tail: () => tail.lines(),
    async drained(withinMs) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        closed,
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, withinMs);
        }),
      ]);
      clearTimeout(timer);
      source.destroy();
    },
  };
}

function openPipe(path: string): { read: number; write: number } | null {
  if (process.platform === 'win32') return null;
  try {
    execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore', timeout: 2000 });
    const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const write = openSync(path, constants.O_WRONLY);
    unlinkSync(path);
    return { read, write };
  } catch {
    return null;
  }
}
