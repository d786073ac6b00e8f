import type { RawFrame } from '../model/wire.js';
import { builtin } from './builtin.js';
import { current, type Owner, pieceOfCode } from './charge.js';
import { nowUs } from './clock.js';
import { captureCallSites, framesOf } from './stack.js';
import { createTag } from './tag.js';

/** A promise that a request's code goes on after: an `await`, or what `then` returned. */
interface Await {
  readonly callSites: readonly NodeJS.CallSite[];
  readonly beganUs: number;
  /** Tells one piece of running code from the next. */
  readonly piece: number;
}

/** What is noted of one request whose awaits are watched. */
export class Awaits {
  capturesLeft = CAPTURES_PER_OWNER;
  /** Those begun and not gone on from, in order. */
  readonly open = new Set<Await>();
  newestUs = 0;
  private goneOn: Await | null = null;

  add(one: Await): void {
    this.open.add(one);
    this.newestUs = one.beganUs;
  }

  /** The code that runs now was waiting for `promise`. */
  goOn(promise: object): void {
    this.goneOn = awaits.get(promise) ?? null;
    if (this.goneOn) this.open.delete(this.goneOn);
  }

  /** Where the running code has waited last. Null where that is not known. */
  goneOnFrom(): RawFrame[] | null {
    const frames = this.goneOn && framesOf(this.goneOn.callSites);
    // A promise that an async function returns is followed by the engine on its behalf: who called it knows where that was.
    return frames?.every(isEngines) ? (this.stands()?.frames ?? frames) : frames;
  }

  /** Where the request stands, and since when; null where it waits for no promise. */
  stands(): { frames: RawFrame[]; sinceUs: number } | null {
    const open = [...this.open];
    // Whoever called it awaits it in turn, a little later in the same piece of code.
    const one = open.find(({ piece }) => piece === open.at(-1)!.piece);
    return one ? { frames: framesOf(one.callSites), sinceUs: one.beganUs } : null;
  }
}

function isEngines({ url }: RawFrame): boolean {
  return url === '' || url.startsWith('node:');
}

/**
 * Where requests wait for promises that no driver, timer or pool settles: a mutex, a semaphore, a queue written by hand. Only the moment of
 * the await shows its place (when it goes on, the stack is empty), and noting it for every await would be felt. So some requests are
 * watched: one a second, and more of them once such waits were seen.
 */
const awaits = createTag<Await>();
const watched = new Set<Owner>();

const CAPTURES_PER_OWNER = 64;
const CAPTURES_PER_FLUSH = 150;
const EAGER_PER_FLUSH = 4;
/** Flushes between two requests that are watched for no reason. */
const FLUSHES_APART = 4;
/** So long after the last such wait, the eagerness ends. */
const EAGER_FLUSHES = 8;
/** So many are told with their place, then it is known well enough. */
const ENOUGH = 400;
const MOST_WATCHED = 32;
/** Who has begun no await for so long does not need the hook any more. */
const ASLEEP_US = 500_000;

/** One request each flush is looked after: if it takes so long, others may stand where it does, and more are watched; so many times. */
const OVERDUE_US = 1_000_000;
const MOST_WITNESSES = 8;
const MOST_ALARMS = 10;

let left = 0;
let witnesses: { owner: Owner; sinceUs: number }[] = [];
let wantsWitness = false;
let alarms = 0;
let capturesLeft = 0;
let flushes = 0;
let eagerFor = 0;
let told = 0;
let stopHook: (() => void) | null = null;
let on = false;

/** From here on, some requests are watched; returns the function that ends it. */
export function watchAwaits(): () => void {
  on = true;
  left = 1;
  capturesLeft = CAPTURES_PER_FLUSH;
  return () => {
    on = false;
    unhook();
    for (const owner of watched) owner.awaits = null;
    watched.clear();
    witnesses = [];
  };
}

export function refillAwaits(nowUs: number): void {
  if (!on) return;
  flushes++;
  if (eagerFor > 0) eagerFor--;
  capturesLeft = CAPTURES_PER_FLUSH;
  hearWitnesses(nowUs);
  if (eagerFor > 0 && told < ENOUGH) left = EAGER_PER_FLUSH;
  else if (flushes % FLUSHES_APART === 0) left = 1;
  let awake = false;
  for (const owner of watched) {
    if (Math.max(owner.leftUs, owner.awaits!.newestUs) > nowUs - ASLEEP_US) awake = true;
  }
  if (!awake) unhook();
}

/** A request begins: watched from here on, if it is one's turn. */
export function perhapsWatch(owner: Owner): void {
  if (wantsWitness) {
    wantsWitness = false;
    witnesses.push({ owner, sinceUs: owner.leftUs });
  }
  if (!on || left <= 0 || watched.size >= MOST_WATCHED) return;
  left--;
  owner.awaits = new Awaits();
  watched.add(owner);
  stopHook ??= builtin<typeof import('node:v8')>('v8').promiseHooks.onInit(begun) as unknown as () => void;
}

function hearWitnesses(nowUs: number): void {
  witnesses = witnesses.filter(({ owner, sinceUs }) => {
    if (owner.endUs >= 0) return false;
    if (nowUs - sinceUs < OVERDUE_US) return true;
    alarms++;
    eagerFor = EAGER_FLUSHES;
    return false;
  });
  wantsWitness = on && alarms < MOST_ALARMS && witnesses.length < MOST_WITNESSES;
}

/** A wait was seen that only its await can name. `named`: it could. */
export function wantAwaits(named: boolean): void {
  if (named) told++;
  eagerFor = EAGER_FLUSHES;
}

/** Watched requests that have not ended. */
export function stillWatched(): Iterable<Owner> {
  return watched;
}

export function unwatch(owner: Owner): void {
  if (owner.awaits === null) return;
  owner.awaits = null;
  watched.delete(owner);
  if (watched.size === 0) unhook();
}

function unhook(): void {
  stopHook?.();
  stopHook = null;
}

/** `parent`: the promise that is awaited; what has none is a promise as such, which nobody may wait for. */
function begun(promise: object, parent: object | undefined): void {
  const noted = current.awaits;
  if (noted === null || parent === undefined || noted.capturesLeft <= 0 || capturesLeft <= 0) return;
  try {
    noted.capturesLeft--;
    capturesLeft--;
    const one = { callSites: captureCallSites(begun), beganUs: nowUs(), piece: pieceOfCode() };
    awaits.set(promise, one);
    noted.add(one);
  } catch {}
}
