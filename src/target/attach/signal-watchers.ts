import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import type { Executable } from './elf.js';

/** libuv's table of everybody who waits for a signal, a red-black tree (deps/uv/src/unix/signal.c). */
export const SIGNAL_TABLE = 'uv__signal_tree';

export type Watchers = { known: true; signals: ReadonlySet<number> } | { known: false; because: string };

/** uv_signal_t on 64-bit systems (deps/uv/include/uv.h), the same from libuv 1.44 (Node 18) to 1.51 (Node 26). */
const HANDLE = { bytes: 152, typeAt: 16, signumAt: 104, leftAt: 112, rightAt: 120 };
const UV_SIGNAL = 16;
const HIGHEST_SIGNAL = 64;
const MOST_HANDLES = 1000;

/**
 * The signals that a Node.js process handles in JavaScript. The kernel only tells that a signal is caught, and Node itself catches SIGUSR1;
 * so the answer is read from the process's memory, without stopping it. What does not look like the table is "not known", never "nobody".
 */
export function signalWatchers(pid: number, executable: Executable | null): Watchers {
  const address = executable?.symbols.get(SIGNAL_TABLE);
  if (!executable || address === undefined) return { known: false, because: 'its executable has no symbols' };
  let fd: number;
  try {
    fd = openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    return { known: false, because: 'its memory may not be read (ptrace is restricted)' };
  }
  try {
    const table = address + (executable.relocated ? loadedAt(pid) : 0n);
    return { known: true, signals: walk(fd, readMemory(fd, table, 8).readBigUInt64LE(0)) };
  } catch (error) {
    return { known: false, because: `its table of signals is unlike any known one (${error instanceof Error ? error.message : error})` };
  } finally {
    closeSync(fd);
  }
}

function walk(fd: number, root: bigint): Set<number> {
  const signals = new Set<number>();
  const open = [root];
  for (let seen = 0; open.length > 0; seen++) {
    const at = open.pop()!;
    if (at === 0n) continue;
    if (seen > MOST_HANDLES) throw new Error('it never ends');
    const handle = readMemory(fd, at, HANDLE.bytes);
    const signal = handle.readInt32LE(HANDLE.signumAt);
    if (handle.readInt32LE(HANDLE.typeAt) !== UV_SIGNAL || signal < 1 || signal > HIGHEST_SIGNAL) throw new Error('no signal handle');
    signals.add(signal);
    open.push(handle.readBigUInt64LE(HANDLE.leftAt), handle.readBigUInt64LE(HANDLE.rightAt));
  }
  return signals;
}

function loadedAt(pid: number): bigint {
  const exe = readlinkSync(`/proc/${pid}/exe`);
  const first = readFileSync(`/proc/${pid}/maps`, 'latin1')
    .split('\n')
    .find((line) => line.endsWith(` ${exe}`) && / 00000000 /.test(line));
  if (!first) throw new Error('its executable is not mapped');
  return BigInt(`0x${first.slice(0, first.indexOf('-'))}`);
}

function readMemory(fd: number, at: bigint, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (readSync(fd, buffer, 0, bytes, at) !== bytes) throw new Error('it cannot be read to its end');
  return buffer;
}
