import { builtin } from './builtin.js';
import { sampleBrackets } from './charge.js';
import { nowUs } from './clock.js';
import type { Probe, Source } from './probe.js';
import { guarded } from './state.js';

/** Less is added to the next stretch: every switch to another thread and back costs the kernel some microseconds. */
const WORTH_A_ROW_US = 20;
/** A reading that takes no longer was not disturbed. */
const READING_US = 50;

/**
 * When the main thread was runnable without a core. The kernel counts it per thread (schedstat, second figure: run_delay); read from inside,
 * where work begins and ends, it can be booked to the request that stood still, which a collector's samples from outside cannot.
 * Null without /proc or without leave to read it.
 */
export function recordStalls(probe: Probe): Source | null {
  const { openSync, readSync, closeSync } = builtin<typeof import('node:fs')>('fs');
  // Opened by the main thread; "thread-self" is that thread from then on.
  const file = openSync('/proc/thread-self/schedstat', 'r');
  const text = new Uint8Array(64);
  const waitedUs = () => secondNumber(text, readSync(file, text, 0, text.length, 0)) / 1000;
  let lastUs = nowUs();
  let lastWaitedUs = waitedUs();
  const told = (fromUs: number, toUs: number, runqUs: number) => {
    if (runqUs <= 0) return;
    const row = probe.rows.stalls;
    const at = row.claim();
    row.values[at] = Math.round(fromUs);
    row.values[at + 1] = Math.round(toUs - fromUs);
    row.values[at + 2] = Math.round(runqUs);
  };
  const stop = sampleBrackets(
    guarded((atUs: number, afterBreak: boolean) => {
      const now = waitedUs();
      const readUs = nowUs();
      const us = now - lastWaitedUs;
      if (afterBreak) lastWaitedUs = now;
      else if (us >= WORTH_A_ROW_US) {
        const lateUs = waitedSince(atUs, readUs, us);
        told(lastUs, atUs, us - lateUs);
        told(atUs, readUs, lateUs);
        lastWaitedUs = now;
      }
      lastUs = readUs;
    }),
  );
  return {
    stop() {
      stop();
      closeSync(file);
    },
  };
}

/**
 * How much of the `us` that the thread had waited by `readUs` it waited after `atUs`: the kernel takes cores away at the end of a system
 * call above all, so that the thread may stand still for long between a look at the clock and the reading.
 */
export function waitedSince(atUs: number, readUs: number, us: number): number {
  const tookUs = readUs - atUs;
  return tookUs > READING_US ? Math.min(us, tookUs) : 0;
}

/** "123 456 7\n": 456. */
function secondNumber(text: Uint8Array, length: number): number {
  let at = 0;
  while (at < length && text[at] !== SPACE) at++;
  let value = 0;
  while (++at < length && text[at] !== SPACE) value = value * 10 + text[at]! - ZERO;
  return value;
}

const SPACE = 32;
const ZERO = 48;
