import { performance } from 'node:perf_hooks';
import { nowUs } from './clock.js';
import type { Turns } from './turns.js';

/** Somebody the main thread can run for. */
export interface Owner {
  readonly id: number;
  /** Main-thread time held so far, without the stretch that is running. */
  ownUs: number;
  /** Ended so long ago that what still carries its context is a shared resource (a pooled socket), not its work. */
  expired: boolean;
  /** Waits whose answer has begun but not ended: they end with their owner if nobody reads on. Null when it never had any. */
  halfAnswered: { settleEarly(): void }[] | null;
}

export const NOBODY: Owner = { id: 0, ownUs: 0, expired: false, halfAnswered: null };

/**
 * Who holds the main thread, as one running account: `settle` closes the running stretch and books it to the owner at that time.
 * Module state and not an object, because this runs several times per callback of the target.
 */
export let current: Owner = NOBODY;
/** Callbacks from the loop nest (a parser inside a read inside ...); 0 = between callbacks or in the microtasks after one. */
export let depth = 0;

let lastUs = 0;
let lastIdleUs = 0;
let turns: Turns | null = null;
const suspended: Owner[] = [];
const timing = performance.nodeTiming;

/** Idle is asked for only where a stretch is longer than this: asking costs 25 ns, and the loop can't have polled and returned in less. */
const IDLE_FLOOR_US = 5;
/** Inside a callback there is no idle, unless the nesting went out of step; stretches this long are checked all the same. */
const CHECK_NESTED_US = 1000;
const MAX_DEPTH = 256;

export function startCharging(into: Turns): void {
  turns = into;
  current = NOBODY;
  depth = 0;
  lastUs = nowUs();
  lastIdleUs = timing.idleTime * 1000;
}

export function stopCharging(): void {
  if (turns) settle();
  turns = null;
  current = NOBODY;
}

export function settle(): number {
  const now = nowUs();
  const elapsedUs = now - lastUs;
  if (!turns) return now;
  let busyUs = elapsedUs;
  if (elapsedUs > (depth === 0 ? IDLE_FLOOR_US : CHECK_NESTED_US)) {
    const idleUs = timing.idleTime * 1000;
    const grownUs = idleUs - lastIdleUs;
    lastIdleUs = idleUs;
    if (grownUs > 1) {
      busyUs = Math.max(0, elapsedUs - grownUs);
      depth = 0;
    }
  }
  current.ownUs += busyUs;
  if (busyUs === elapsedUs) turns.push(lastUs, now, current.id);
  // The loop waited in between. Microtasks of an owner ran before that; unowned work is mostly reading what ended the wait.
  else if (current === NOBODY) turns.push(now - busyUs, now, 0);
  else turns.push(lastUs, lastUs + busyUs, current.id);
  lastUs = now;
  return now;
}

/** The running stretch was not `current`'s work after all: book it to nobody (a kept-alive socket read the next request). */
export function disown(): void {
  current = NOBODY;
  settle();
}

export function switchTo(owner: Owner): void {
  if (owner === current) return;
  settle();
  current = owner;
}

/** A callback begins. `after` is who runs when it has ended. */
export function enter(owner: Owner, after: Owner): void {
  if (depth === 0 || owner !== current) settle();
  if (depth >= MAX_DEPTH) depth = 0;
  suspended[depth++] = after;
  current = owner;
}

export function leave(): void {
  const next = depth > 0 ? suspended[--depth]! : NOBODY;
  if (depth > 0 && next === current) return;
  settle();
  current = next;
}
