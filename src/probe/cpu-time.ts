import { builtin } from './builtin.js';

/** What the kernel counts of the main thread, microseconds since its start. Exact to a scheduler tick while it runs without a break. */
export interface CpuTime {
  /** On a core. */
  cpuUs(): number;
  /** On a core, or ready to be: with what it waited for one. */
  busyUs(): number;
  close(): void;
}

/** schedstat through a descriptor that stays open: 3 us a read. Null without /proc, or without leave to read it. */
export function openCpuTime(): CpuTime | null {
  const { openSync, readSync, closeSync } = builtin<typeof import('node:fs')>('fs');
  const text = new Uint8Array(64);
  let file: number;
  try {
    file = openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return null;
  }
  /** "123 456 7\n": nanoseconds on a core, nanoseconds waited for one. */
  const read = (): [cpuUs: number, waitedUs: number] => {
    const numbers = [0, 0];
    const length = readSync(file, text, 0, text.length, 0);
    for (let at = 0, which = 0; at < length && which < 2; at++) {
      if (text[at] === SPACE) which++;
      else numbers[which] = numbers[which]! * 10 + text[at]! - ZERO;
    }
    return [numbers[0]! / 1000, numbers[1]! / 1000];
  };
  return {
    cpuUs: () => read()[0],
    busyUs() {
      const [cpuUs, waitedUs] = read();
      return cpuUs + waitedUs;
    },
    close: () => closeSync(file),
  };
}

const SPACE = 32;
const ZERO = 48;
