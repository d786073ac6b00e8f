import type { PhaseKind, WaitKind } from '../model/recording.js';
import type { RawFrame } from '../model/wire.js';
import { stillWatched, unwatch, wantAwaits } from './awaits.js';
import { lookAtPoll, NOBODY, type Owner, watchHandovers } from './charge.js';
import { forgetCheckouts, keptSince } from './checkouts.js';
import { nowUs } from './clock.js';
import type { Names } from './names.js';
import type { Owners } from './owners.js';
import { notBeforeUs, polledUs } from './poll-phase.js';
import type { Probe, Source } from './probe.js';
import { forgetQuestions, numberOf } from './questions.js';
import { createRouteNamer, type RouteNamer } from './route.js';
import type { RowBuffer } from './rows.js';
import { captureFrames } from './stack.js';
import { state } from './state.js';

/** A wait that was begun and not yet answered. */
export interface Wait {
  readonly owner: Owner;
  readonly target: Target;
  readonly site: number;
  startUs: number;
  done: boolean;
  /** Of a timer: when it is to run. */
  dueUs?: number;
  /** Of an outgoing HTTP call: what it asks for, an index of a name. */
  shape?: number;
  /** Which question it is exactly: see questions.ts. */
  same?: number;
  /** The answer was that it can't be had. */
  refused?: boolean;
  /** A connection was opened for it. */
  opened?: boolean;
  /** The answer has begun to come. */
  answering?: boolean;
  /** The question still stands in a queue of our own: for a connection, behind others. */
  queued?: boolean;
}

type AnyFunction = (...args: never[]) => unknown;

/** What is known of the waits of one kind on one destination. */
interface Target {
  readonly kind: number;
  readonly dest: number;
  /** Another process is asked. */
  readonly asks: boolean;
  captures: number;
  calls: number;
  site: number;
  /** Every capture so far gave the same site. */
  uniform: boolean;
}

/** As in model/recording WaitFlag. */
const FAILED = 1;
const OPEN = 2;
const REFUSED = 4;
const ASKING = 8;
const OPENED = 16;
const ROWS_PER_FLUSH = 2500;
const CAPTURES_PER_FLUSH = 50;
const MAX_SAVED_CAPTURES = 200;
/** libuv's timers count whole milliseconds. */
const TIMER_STEP_US = 1000;
/** They are guesses at what was waited for: they may not crowd out what is known. */
const HANDOVERS_PER_FLUSH = 500;
const PROMISES_PER_FLUSH = 250;
const WORTH_A_HANDOVER_US = 200;
const WORTH_A_PROMISE_US = 1000;
const MAX_DESTINATIONS = 400;
const QUESTION = /^(?:http|net|(?:db|cache)\/.*)$/;
const MAX_UNANSWERED = 4000;
/** What is younger when the recording ends was only cut off. */
const UNANSWERED_US = 1_000_000;
/** So many captures, all alike, and a call is taken to come from there as well; every so many calls it is checked again. */
const TRUSTED_AFTER = 8;
const CHECK_EVERY = 32;

let rows: RowBuffer | null = null;
let phaseRows: RowBuffer;
let names: Names;
let owners: Owners;
let targets = new Map<WaitKind, Map<string, Target>>();
let rowsLeft = 0;
let capturesLeft = 0;
/** Call site of the target's own call on whose behalf a pool is at work; null outside of such work. */
let carried: number | null = null;
let handoversLeft = 0;
let promisesLeft = 0;
/** Questions of requests to others that have no answer yet. */
const unanswered = new Set<Wait>();
let shapes: RouteNamer;
let pages: RouteNamer;

/** Wrappers are in place long before the recording starts; this is where it starts for them. */
export function recordWaits(probe: Probe, by: Owners): Source {
  rows = probe.rows.waits;
  phaseRows = probe.rows.phases;
  names = probe.names;
  owners = by;
  targets = new Map();
  shapes = createRouteNamer(names.text);
  pages = createRouteNamer((route) => names.text(`${route} by pages`));
  rowsLeft = ROWS_PER_FLUSH;
  capturesLeft = MAX_SAVED_CAPTURES;
  handoversLeft = HANDOVERS_PER_FLUSH;
  promisesLeft = PROMISES_PER_FLUSH;
  watchHandovers(goesOn);
  return {
    flush() {
      rowsLeft = ROWS_PER_FLUSH;
      handoversLeft = HANDOVERS_PER_FLUSH;
      promisesLeft = PROMISES_PER_FLUSH;
      capturesLeft = Math.min(MAX_SAVED_CAPTURES, capturesLeft + CAPTURES_PER_FLUSH);
    },
    finish() {
      for (const owner of stillWatched()) writeOpen(owner, nowUs());
      writeUnanswered(nowUs());
      writeKept(nowUs());
    },
    stop() {
      watchHandovers(null);
      unanswered.clear();
      forgetCheckouts();
      forgetQuestions();
      rows = null;
      carried = null;
    },
  };
}

/**
 * `below`: the wrapper that the target called; its caller is the call site, unless one is given. Null when over budget or switched off.
 * Never throws.
 */
export function beginWait(kind: WaitKind, dest: string, below: AnyFunction, site?: number): Wait | null {
  try {
    return rows && state.tracing && withinBudget(rows) ? waitOn(targetOf(kind, dest), below, site) : null;
  } catch {
    return null;
  }
}

/** The answer is here, or will never come (`failed`). Never throws. */
export function endWait(wait: Wait, failed: boolean, endUs?: number): void {
  if (wait.done || !rows) return;
  wait.done = true;
  unanswered.delete(wait);
  wait.owner.openWaits--;
  try {
    const atUs = endUs ?? nowUs();
    wait.owner.heardUs = atUs;
    const { values } = rows;
    const at = writeWait(rows, wait, atUs, (failed ? FAILED : 0) | (wait.refused ? REFUSED : 0) | (wait.opened ? OPENED : 0));
    writeReadiness(values, at + 7, wait, endUs);
    values[at + 9] = values[at + 10] = -1;
  } catch {}
}

/** All but when it was ready and by whom, columns 7 to 10; returns where they are. */
function writeWait(into: RowBuffer, wait: Wait, endUs: number, flags: number): number {
  const at = into.claim();
  const { values } = into;
  values[at] = wait.owner.id;
  values[at + 1] = wait.target.kind;
  values[at + 2] = wait.site;
  values[at + 3] = wait.target.dest;
  values[at + 4] = Math.round(wait.startUs);
  values[at + 5] = Math.round(endUs);
  values[at + 6] = flags;
  values[at + 11] = wait.shape ?? -1;
  values[at + 12] = wait.same ?? -1;
  return at;
}

/** Between which moments the answer came, as far as the loop can tell: see poll-phase.ts. Timers say themselves when they were due. */
function writeReadiness(values: Float64Array, at: number, { dueUs }: Wait, endUs: number | undefined): void {
  if (dueUs !== undefined) {
    values[at] = Math.round(dueUs);
    values[at + 1] = Math.round(dueUs + TIMER_STEP_US);
    return;
  }
  // It was over before now: what the loop handles now says nothing of it.
  const unknown = endUs !== undefined;
  if (!unknown) lookAtPoll(nowUs());
  values[at] = unknown ? -1 : Math.round(notBeforeUs);
  values[at + 1] = unknown ? -1 : Math.round(polledUs);
}

/** How the query of a call that follows a list page by page says which one it wants. */
const ONE_PAGE = /[?&](?:page|offset|cursor|after|skip|start|continuation|(?:page|next)[_-]?(?:token|number|key)?)=/i;

/** Nobody listens for a while: whether what is under way now was answered will not be known. */
export function forgetUnanswered(): void {
  unanswered.clear();
}

/** What an outgoing HTTP call asks for: of `url`, values become ":id" and the query goes. Never throws. */
export function shapeWait(wait: Wait, method: string, url: string): void {
  try {
    if (!rows) return;
    wait.shape = (ONE_PAGE.test(url) ? pages : shapes).fromUrl(method, url);
    // What changes something is another call each time.
    if (method === 'GET') wait.same = numberOf(url);
  } catch {}
}

/** A part of a wait that is about to end. Never throws. */
export function writePhase(wait: Wait, kind: PhaseKind, startUs: number, endUs: number): void {
  try {
    if (!rows || !withinBudget(phaseRows)) return;
    const at = phaseRows.claim();
    const { values } = phaseRows;
    values[at] = wait.owner.id;
    values[at + 1] = Math.round(wait.startUs);
    values[at + 2] = names.text(kind);
    values[at + 3] = Math.round(startUs);
    values[at + 4] = Math.round(endUs);
  } catch {}
}

/** `owner`, which had not held the thread since `owner.leftUs`, goes on after a promise that the work of `by` has settled. Never throws. */
function goesOn(owner: Owner, by: Owner): void {
  const handedOver = by !== NOBODY;
  // What it waited for has told of itself.
  if (!rows || (!handedOver && owner.heardUs >= owner.leftUs)) return;
  try {
    const awayUs = nowUs() - owner.leftUs;
    if (awayUs < (handedOver ? WORTH_A_HANDOVER_US : WORTH_A_PROMISE_US)) return;
    if ((handedOver ? handoversLeft-- : promisesLeft--) <= 0) return;
    const site = siteOfFrames(owner.awaits?.goneOnFrom());
    if (awayUs >= WORTH_A_PROMISE_US) wantAwaits(site >= 0);
    const wait = { owner, target: targetOf(handedOver ? 'handover' : 'promise', ''), site, startUs: owner.leftUs, done: true };
    const at = writeWait(rows, wait, nowUs(), 0);
    const { values } = rows;
    writeReadiness(values, at + 7, wait, undefined);
    values[at + 9] = by.id;
    values[at + 10] = siteOfFrames(by.awaits?.goneOnFrom());
  } catch {}
}

/** The request is over. `unanswered`: what it waited for never came. Never throws. */
export function endAwaits(owner: Owner, unanswered: boolean): void {
  if (unanswered) writeOpen(owner, owner.endUs);
  unwatch(owner);
}

function writeOpen(owner: Owner, endUs: number): void {
  try {
    const stands = owner.awaits?.stands();
    if (!rows || !state.tracing || promisesLeft-- <= 0) return;
    const wait = {
      owner,
      target: targetOf('promise', ''),
      site: siteOfFrames(stands?.frames),
      startUs: stands?.sinceUs ?? owner.leftUs,
      done: true,
    };
    const at = writeWait(rows, wait, endUs, owner.openWaits > 0 ? OPEN | ASKING : OPEN);
    rows.values.fill(-1, at + 7, at + 11);
    wantAwaits(wait.site >= 0);
  } catch {}
}

function writeUnanswered(atUs: number): void {
  for (const wait of unanswered) {
    if (!rows || wait.answering || wait.queued || atUs - wait.startUs < UNANSWERED_US) continue;
    const at = writeWait(rows, wait, atUs, OPEN);
    rows.values.fill(-1, at + 7, at + 11);
  }
}

function writeKept(atUs: number): void {
  for (const { dest, site, owner, sinceUs } of keptSince(atUs - UNANSWERED_US)) {
    if (!rows) return;
    const wait = { owner, target: targetOf('db/held', dest), site, startUs: sinceUs, done: true };
    const at = writeWait(rows, wait, atUs, OPEN);
    rows.values.fill(-1, at + 7, at + 11);
  }
}

function siteOfFrames(frames: RawFrame[] | null | undefined): number {
  return frames ? names.site(frames) : -1;
}

/** What was waited for begins only now (it was queued until here). */
export function restartWait(wait: Wait): void {
  wait.startUs = nowUs();
  wait.queued = false;
}

/** One more stage of a wait that has ended: same owner and place, from now on. */
export function nextStage(wait: Wait): Wait {
  wait.owner.openWaits++;
  return { ...wait, startUs: nowUs(), done: false };
}

/** It turned out not to be a wait. */
export function dropWait(wait: Wait): void {
  unanswered.delete(wait);
  if (!wait.done) wait.owner.openWaits--;
  wait.done = true;
}

/**
 * Runs the target's call of a pool: waits that the pool begins for it, at once or in callbacks made by `bound`, get the call site of this
 * call; later nobody could tell it from the stack.
 */
export function carrySite<T>(kind: WaitKind, dest: string, below: AnyFunction, body: () => T): T {
  return withSite(carried ?? siteNow(kind, dest, below), body);
}

/** A callback that runs for whoever is at work now, wherever it is called from: answers on pooled connections come in others' context. */
export function bound<A extends unknown[], R>(callback: (this: unknown, ...args: A) => R): (this: unknown, ...args: A) => R {
  if (!rows) return callback;
  const owner = owners.current();
  const site = carried;
  return function (...args) {
    if (!rows) return Reflect.apply(callback, this, args);
    return owners.runAs(owner, () => withSite(site, () => Reflect.apply(callback, this, args)));
  };
}

function withSite<T>(site: number | null, body: () => T): T {
  const before = carried;
  carried = site;
  try {
    return body();
  } finally {
    carried = before;
  }
}

function siteNow(kind: WaitKind, dest: string, below: AnyFunction): number {
  try {
    return rows ? siteFor(targetOf(kind, dest), below) : -1;
  } catch {
    return -1;
  }
}

/** Who asks a pool for a connection here, and where; null while nothing is recorded. Never throws. */
export function asking(dest: string, below: AnyFunction): { dest: string; site: number; owner: Owner } | null {
  return rows ? { dest, site: carried ?? siteNow('db/held', dest, below), owner: owners.current() } : null;
}

/** The call site of a wait or a spawn that begins here, -1 when over budget. */
export function siteOf(below: AnyFunction): number {
  if (!rows || capturesLeft <= 0) return -1;
  capturesLeft--;
  return names.site(captureFrames(below));
}

export function isInternal(site: number): boolean {
  return names.isInternal(site);
}

function withinBudget(into: RowBuffer): boolean {
  if (rowsLeft-- > 0) return true;
  into.dropped++;
  return false;
}

function waitOn(target: Target, below: AnyFunction, site?: number): Wait {
  const owner = owners.current();
  owner.openWaits++;
  const wait = { owner, target, site: site ?? carried ?? siteFor(target, below), startUs: nowUs(), done: false };
  if (target.asks && owner !== NOBODY && unanswered.size < MAX_UNANSWERED) unanswered.add(wait);
  return wait;
}

function siteFor(target: Target, below: AnyFunction): number {
  target.calls++;
  const trusted = target.uniform && target.captures >= TRUSTED_AFTER;
  if (trusted && target.calls % CHECK_EVERY !== 0) return target.site;
  if (capturesLeft <= 0) return trusted ? target.site : -1;
  const site = siteOf(below);
  if (target.captures++ > 0 && site !== target.site) target.uniform = false;
  target.site = site;
  return site;
}

function targetOf(kind: WaitKind, dest: string): Target {
  let byDest = targets.get(kind);
  if (!byDest) {
    byDest = new Map();
    targets.set(kind, byDest);
  }
  let target = byDest.get(dest);
  if (!target) {
    if (byDest.size >= MAX_DESTINATIONS && dest !== OTHER) return targetOf(kind, OTHER);
    target = { kind: names.text(kind), dest: names.text(dest), asks: QUESTION.test(kind), captures: 0, calls: 0, site: -1, uniform: true };
    byDest.set(dest, target);
  }
  return target;
}

const OTHER = '(other)';
