import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Tail } from './stderr-tail.js';

/** The target's stderr on its way to ours. */
export interface StderrPipe {
  /** What spawn is to give the target as its stderr. */
  readonly forChild: number | 'inherit';
  /** To be called once the target has its end. */
  handedOver(): void;
  /** Last lines seen; null where ddx sees none. */
  tail(): string[] | null;
  /** Resolves when nobody can write any more, or `withinMs` later. */
  drained(withinMs: number): Promise<void>;
}

/**
 * Byte for byte to our own stderr, with a copy of the last of it. A terminal is handed on as it is, because the target can tell. Otherwise
 * it goes through a FIFO (Node's own `pipe` is a socket, on which a shell's `> /dev/stderr` fails) and a tee in a session of its own:
 * if ddx is killed, the target's next word to stderr must not kill it too. The FIFOs are made in `folder` and have no name afterwards.
 */
export function stderrPipe(folder: string): StderrPipe {
  const ends = process.stderr.isTTY || process.platform === 'win32' ? null : startTee(folder);
  if (!ends) return { forChild: 'inherit', handedOver() {}, tail: () => null, drained: async () => {} };
  const tail = new Tail();
  const copy = new Socket({ fd: ends.copy, readable: true, writable: false });
  const closed = new Promise<void>((resolve) => copy.once('close', () => resolve()));
  copy.on('error', () => copy.destroy());
  copy.on('data', (chunk) => tail.add(chunk));
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
      copy.destroy();
    },
  };
}

/** tee keeps writing to its first output when the second has gone (POSIX), if it does not die of the signal that says so. */
const TEE = 'trap "" INT TERM HUP PIPE; exec tee /dev/fd/3 2> /dev/null';

/** `write`: for the target. `copy`: what passes, to be read without blocking. Null where this system has not what it takes. */
function startTee(folder: string): { write: number; copy: number } | null {
  const [through, aside] = [join(folder, 'stderr'), join(folder, 'stderr-copy')];
  try {
    execFileSync('sh', ['-c', 'command -v tee && test -e /dev/fd/0 && mkfifo -m 600 "$1" "$2"', 'sh', through, aside], {
      stdio: ['ignore', 'ignore', 'ignore'],
      timeout: 2000,
    });
  } catch {
    return null;
  }
  // Opening one end of a FIFO alone would block until somebody opens the other.
  const holder = openSync(through, constants.O_RDWR);
  const read = openSync(through, constants.O_RDONLY);
  const write = openSync(through, constants.O_WRONLY);
  const copy = openSync(aside, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeCopy = openSync(aside, constants.O_WRONLY);
  for (const path of [through, aside]) unlinkSync(path);
  const tee = spawn('sh', ['-c', TEE], { stdio: [read, 2, 'ignore', writeCopy], detached: true });
  tee.on('error', () => {});
  tee.unref();
  for (const fd of [holder, read, writeCopy]) closeSync(fd);
  return { write, copy };
}
