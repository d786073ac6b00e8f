import { performance } from 'node:perf_hooks';
import type { Awaits } from './awaits.js';
import { nowUs } from './clock.js';
import { callbackBegins, look, loopWoke, pollsSeen } from './poll-phase.js';
import type { Turns } from './turns.js';

/** Somebody the main thread can run for. */
export interface Owner {
  readonly id: number;
  /** Main-thread time held so far, without the stretch that is running. */
  ownUs: number;
  /** When it last held the main thread. */
  leftUs: number;
  /** -1 until it has done what it was there for: until a request was answered. */
  endUs: number;
  /** Waits whose answer has begun but not ended: they end with their owner if nobody reads on. Null when it never had any. */
  halfAnswered: { settleEarly(): void }[] | null;
  /** When a wait of it that is told by itself was answered last; -1 = never. */
  heardUs: number;
  /** Its calls without an answer and timers that are not due. */
  openWaits: number;
  /** Null where its awaits are not watched. */
  awaits: Awaits | null;
}

export const NOBODY: Owner = { id: 0, ownUs: 0, leftUs: 0, endUs: -1, halfAnswered: null, heardUs: -1, openWaits: 0, awaits: null };

/**
 * Who holds the main thread, as one running account. JavaScript runs inside brackets (callbacks and continuations, nested); what lies
 * between two outermost brackets is the loop's: bookkeeping, reading, and waiting.
 * Module state and not an object, because this runs several times per callback of the target.
 */
export let current: Owner;
current = NOBODY;

let depth = 0;
let busyUs = 0;
/** Start of `current`'s running stretch. */
let sinceUs = 0;
/** With depth 0: when the last bracket closed, i.e. where `current`'s stretch ended and the gap began. */
let gapUs = 0;
/** When the running callback of the loop began; promises' continuations follow it. */
let taskSinceUs = 0;
let idleMs = 0;
let signalled = false;
let turns: Turns | null = null;
let pollsTold = 0;
let charging = false;
let expiredBeforeUs = Number.NEGATIVE_INFINITY;
let calls = 0;
/** Of them, those that neither begin nor end anything. */
let apart = 0;
/** For the watchdog: [0] counts outermost brackets that closed, [1] is 1 within one. */
let beats: Int32Array | null = null;
const suspended: Owner[] = [];
const timing = performance.nodeTiming;

let onGoingOn: ((owner: Owner, by: Owner) => void) | null = null;
type Sample = (atUs: number, afterBreak: boolean) => void;
let onSample: readonly Sample[] = [];
let sampleDueUs = Number.POSITIVE_INFINITY;
/** A sampler reads from the kernel in 3 us, so at most 0.3 % of the thread. */
const SAMPLE_EVERY_US = 1000;

/** Brings the bounds of poll-phase.ts up to date for what is handled at `atUs`, now. */
export function lookAtPoll(atUs: number): void {
  look(gapUs, atUs);
}

/** Inside brackets there is no waiting, unless a bracket was lost; stretches this long are checked all the same. */
const CHECK_NESTED_US = 1000;
const MAX_DEPTH = 256;
/**
 * V8's CPU profiler interrupts epoll_wait by SIGPROF every millisecond, and libuv then forgets the idle time of the wait so far
 * (uv__io_poll sets its entry time anew on EINTR). That the loop waited is still certain, how long is not: of a gap that looks busier
 * than any reading and parsing, all but a typical amount is taken for waiting.
 */
const PLAUSIBLE_GAP_US = 150;
const TYPICAL_GAP_US = 25;

/** `into`: null where nobody wants the turns. `profiled`: the CPU profiler's signals disturb libuv's idle time. */
export function startCharging(into: Turns | null, profiled: boolean): void {
  turns = into;
  charging = true;
  signalled = profiled;
  current = NOBODY;
  depth = 0;
  sinceUs = gapUs = nowUs();
  idleMs = timing.idleTime;
  for (const sample of onSample) sample(sinceUs, true);
}

/** Calls `tell` where the work of `by`, or nobody's, let another owner go on whose promise it settled; null: no more. */
export function watchHandovers(tell: typeof onGoingOn): void {
  onGoingOn = tell;
}

/**
 * Calls `sample` where outermost brackets close and where the loop wakes, at most once a millisecond, until what it returns is called.
 * `afterBreak`: nothing was charged between this call and the one before.
 */
export function sampleBrackets(sample: Sample): () => void {
  onSample = [...onSample, sample];
  sampleDueUs = 0;
  return () => {
    onSample = onSample.filter((one) => one !== sample);
    if (onSample.length === 0) sampleDueUs = Number.POSITIVE_INFINITY;
  };
}

export function stopCharging(): void {
  settle();
  charging = false;
  turns = null;
  current = NOBODY;
  depth = 0;
}

/** Who ended before this is expired. */
export function expireBefore(us: number): void {
  expiredBeforeUs = us;
}

/** Ended so long ago that what still carries its context is a shared resource (a pooled socket), not its work. */
export function isExpired(owner: Owner): boolean {
  return owner.endUs < expiredBeforeUs && owner.endUs >= 0;
}

/** Shows a watchdog that brackets come to their end; null: no more. */
export function beatInto(shared: Int32Array | null): void {
  beats = shared;
}

/** Since when `current` has held the thread. */
export function runningSinceUs(): number {
  return sinceUs;
}

export function isCharging(): boolean {
  return charging;
}

/** Calls of the hooks so far: what keeping the ledger costs goes with their number. */
export function hookCalls(): number {
  return calls;
}

/** For hooks that book nothing. */
export function countCall(): void {
  calls++;
  apart++;
}

/** Tells one piece of running code, from a callback or a continuation on until the next, from others. */
export function pieceOfCode(): number {
  return calls - apart;
}

/** Books everything up to now, where anything is booked at all, and returns now. */
export function settle(): number {
  const now = nowUs();
  if (!charging) return now;
  if (depth === 0) closeGap(now);
  else book(now);
  return now;
}

/** All main-thread time so far, of that in which it was charged, that the loop did not spend waiting. */
export function bookedUs(): number {
  settle();
  return busyUs;
}

/** The running stretch was not `current`'s work after all (a kept-alive socket read the next request): it is nobody's. */
export function disown(): void {
  current = NOBODY;
}

export function switchTo(owner: Owner): void {
  if (!charging || (owner === current && depth > 0)) return;
  settle();
  current = owner;
}

/** A callback from the loop begins. */
export function enter(owner: Owner): void {
  calls++;
  if (depth === 0) {
    const now = nowUs();
    closeGap(now);
    taskSinceUs = now;
  } else if (owner !== current) book(nowUs());
  if (depth >= MAX_DEPTH) depth = 0;
  if (beats !== null) beats[1] = 1;
  suspended[depth++] = current;
  current = owner;
}

/**
 * Like `enter`, for what runs before the loop goes on: where it follows directly on work for the same owner the stretch just goes on,
 * without asking the clock.
 */
export function enterContinuation(owner: Owner): void {
  if (depth > 0 || owner !== current || timing.idleTime !== idleMs) enter(owner);
  else {
    calls++;
    if (beats !== null) beats[1] = 1;
    suspended[depth++] = NOBODY;
  }
}

/**
 * The continuation of a promise: it runs in the same turn of the loop as what settled the promise, right after it. Where that was another
 * owner's work, still under way, the one that goes on had waited for the other: a lock, a queue, a shared answer.
 */
export function enterMicrotask(owner: Owner): void {
  const task = taskSinceUs;
  if (owner !== current && depth === 0 && onGoingOn !== null && owner !== NOBODY) {
    // Who has held the thread since this turn of the loop began waited for nobody: its continuation only came next in the queue.
    if (current.endUs < 0 && owner.leftUs < task && timing.idleTime === idleMs) onGoingOn(owner, current);
  }
  enterContinuation(owner);
  taskSinceUs = task;
}

export function leave(): void {
  if (depth > 1) {
    const next = suspended[--depth]!;
    if (next === current) return;
    book(nowUs());
    current = next;
    return;
  }
  depth = 0;
  if (beats !== null) {
    beats[1] = 0;
    beats[0]!++;
  }
  gapUs = nowUs();
  if (gapUs < sampleDueUs) return;
  takeSample(gapUs);
  // The reading may cost the thread its core: it is not idle then.
  gapUs = nowUs();
}

/** Called inside one outermost bracket: repairs the nesting where an exception lost a bracket. */
export function resync(): void {
  if (depth === 1) return;
  depth = 1;
  suspended[0] = NOBODY;
}

function book(now: number): void {
  const lostBracket = now - sinceUs > CHECK_NESTED_US && waitedUs() > 0;
  if (lostBracket) depth = 0;
  else charge(sinceUs, now, current);
  sinceUs = now;
}

function closeGap(now: number): void {
  charge(sinceUs, gapUs, current);
  current = NOBODY;
  const lengthUs = now - gapUs;
  const waited = waitedUs();
  if (waited > 0) {
    if (now >= sampleDueUs) takeSample(now);
    const loopUs = Math.max(0, lengthUs - waited);
    loopWoke(now - loopUs, now);
    tellPoll();
    charge(now - (signalled && loopUs > PLAUSIBLE_GAP_US ? TYPICAL_GAP_US : loopUs), now, NOBODY);
  } else {
    callbackBegins(gapUs, now);
    tellPoll();
    charge(gapUs, now, NOBODY);
  }
  sinceUs = gapUs = now;
}

/** What one owner does before a poll and after it is not one turn: whoever else was ready had theirs in between. */
function tellPoll(): void {
  if (pollsSeen === pollsTold) return;
  pollsTold = pollsSeen;
  turns?.polled();
}

function takeSample(atUs: number): void {
  sampleDueUs = atUs + SAMPLE_EVERY_US;
  for (const sample of onSample) sample(atUs, false);
}

/** How long the loop waited since this was last asked, microseconds; exactly 0 when it did not. */
function waitedUs(): number {
  const before = idleMs;
  idleMs = timing.idleTime;
  return (idleMs - before) * 1000;
}

function charge(fromUs: number, toUs: number, owner: Owner): void {
  const us = toUs - fromUs;
  if (us <= 0) return;
  busyUs += us;
  owner.ownUs += us;
  owner.leftUs = toUs;
  turns?.push(fromUs, toUs, owner.id);
}
