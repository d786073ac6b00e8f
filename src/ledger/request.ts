import type { RequestLedger } from '../model/ledger.js';
import type { Block } from './blocks.js';
import { Booking } from './booking.js';
import type { LedgerContext } from './context.js';
import type { Request } from './population.js';
import { busySince, firstTurnAfter, gcPauses, gcWithin, upperBound } from './timeline.js';
import { accountOf, type Wait } from './waits.js';

/** Detail of `arrival`: between when a request was due and when our own generator wrote it. Not the target's doing. */
export const SENT_LATE = 'sent late by the load generator';

/** A callback may end its wait a little after its turn began (the driver parses first). */
const CALLBACK_SLACK_US = 2_000;

/** Between a moment within a turn and that turn's end as recorded: rounding, and what the loop adds to it. */
const TURN_SLACK_US = 30;

const OF_SEVERAL_STEPS = /^(pool|db|cache)\/|^(http|net)$/;

/** A child's output comes before its end, and a worker is up before it answers; but either may also run on beside what its request really waits for. */
const TELLS_AS_IT_GOES = /^(child|worker)$/;

/** So long past its time: below that, the wake-ups that were measured tell better. */
const OVERSLEPT_US = 20_000;

/** How far back the one is looked for that let a request go on. */
const LOOK_BACK_US = 1_000_000;

/** Books one request's wall time completely: walks from gap to gap between its own turns and asks what ended each gap. */
export function bookRequest(context: LedgerContext, request: Request): RequestLedger {
  const wallUs = Math.max(0, Math.round(request.endUs - request.startUs));
  const booking = new Booking();
  const half = request.server;
  if (half) {
    const enteredUs = clamp(half.enteredUs, request.sentUs, request.endUs);
    const finishedUs = clamp(half.finishedUs, enteredUs, request.endUs);
    booking.add('arrival', request.sentUs - request.startUs, SENT_LATE);
    const walk = { context, booking, proc: half.proc, id: half.id };
    bookArrival(walk, request.sentUs, enteredUs);
    if (half.walkable) {
      const ranUntilUs = bookHandler(walk, enteredUs, finishedUs, half.answeredUs);
      // Without an answer, what it still waited for is known of some, that stood at an await.
      if (request.status === 0) bookUnanswered(walk, ranUntilUs, finishedUs);
      else bookTail(walk, ranUntilUs, finishedUs, half.answeredUs);
    }
    booking.add('response', request.endUs - finishedUs);
  } else if (request.status === 0) bookUnread(context, booking, request);
  return {
    proc: half?.proc ?? -1,
    id: half?.id ?? 0,
    route: request.route,
    startUs: request.startUs,
    wallUs,
    status: request.status,
    entries: booking.close(wallUs),
    estimatedUs: Math.min(wallUs, Math.round(booking.estimatedUs)),
  };
}

/** Sent, and never taken up: it lay in the kernel until the load ended, and whoever held the one main thread there is kept it there. */
function bookUnread(context: LedgerContext, booking: Booking, request: Request): void {
  const serving = context.timelines.flatMap(({ startUs }, proc) => (startUs.length > 0 ? [proc] : []));
  if (serving.length !== 1) return;
  booking.add('arrival', request.sentUs - request.startUs, SENT_LATE);
  bookArrival({ context, booking, proc: serving[0]!, id: 0 }, request.sentUs, request.endUs);
}

/** Detail of `wait/other`: until a turn that was not the request's ended its answer: an event, a timer, a driver without a context. */
export const ENDED_ELSEWHERE = 'an answer that another turn ended';

interface Walk {
  context: LedgerContext;
  booking: Booking;
  proc: number;
  id: number;
  /** What a wait that nobody can name was for, if that much is known. */
  unnamed?: string;
}

function bookArrival(walk: Walk, fromUs: number, toUs: number): void {
  const heldUs = bookHolders(walk, fromUs, toUs);
  walk.booking.add('arrival', toUs - fromUs - heldUs);
}

/** Returns the end of its last turn. */
function bookHandler(walk: Walk, fromUs: number, toUs: number, answeredUs: number): number {
  const timeline = walk.context.timelines[walk.proc]!;
  const waits = walk.context.waits.of(walk.proc, walk.id);
  let atUs = fromUs;
  for (let i = firstTurnAfter(timeline, fromUs); i < timeline.startUs.length && timeline.startUs[i]! < toUs; i++) {
    if (timeline.owner[i] !== walk.id) continue;
    const turnStartUs = Math.max(atUs, timeline.startUs[i]!);
    const turnEndUs = Math.min(toUs, timeline.endUs[i]!);
    // The response was ended in the turn before this gap: the turn after it only hears that its last byte was taken.
    if (turnStartUs > atUs && answeredUs >= 0 && answeredUs <= atUs + TURN_SLACK_US) bookSending(walk, atUs, turnStartUs);
    else if (turnStartUs > atUs) bookGap(walk, waits, atUs, turnStartUs, Math.max(turnEndUs, turnStartUs + CALLBACK_SLACK_US));
    if (turnEndUs > turnStartUs) {
      bookBusy(walk, turnStartUs, turnEndUs, walk.id);
      atUs = turnEndUs;
    }
  }
  return atUs;
}

/** After its last turn: somebody else's turn may have ended its answer. One that was taken at once has no moment of its own. */
function bookTail(walk: Walk, fromUs: number, toUs: number, answeredUs: number): void {
  const readyUs = clamp(answeredUs >= 0 ? answeredUs : toUs, fromUs, toUs);
  const elsewhere = readyUs - fromUs > CALLBACK_SLACK_US;
  if (elsewhere)
    bookGap({ ...walk, unnamed: ENDED_ELSEWHERE }, walk.context.waits.of(walk.proc, walk.id), fromUs, readyUs, readyUs + CALLBACK_SLACK_US);
  bookSending(walk, elsewhere ? readyUs : fromUs, toUs);
}

function bookSending(walk: Walk, fromUs: number, toUs: number): void {
  const heldUs = bookHolders(walk, fromUs, toUs);
  walk.booking.add('response', Math.max(0, toUs - fromUs - heldUs));
}

function bookUnanswered(walk: Walk, fromUs: number, toUs: number): void {
  const { unanswered, promisesOf } = walk.context.waits;
  const asked = unanswered.find(({ proc, owner }) => proc === walk.proc && owner === walk.id);
  const open = asked ?? promisesOf(walk.proc, walk.id).findLast((wait) => wait.open && wait.site >= 0);
  if (open) walk.booking.add(accountOf(open), toUs - fromUs, open.detail || undefined);
  else walk.booking.add('unattributed', Math.max(0, toUs - fromUs - bookHolders(walk, fromUs, toUs)));
}

/** A stretch in which the request could not run, ended by the turn that begins at `toUs`. */
function bookGap(walk: Walk, waits: readonly Wait[], fromUs: number, toUs: number, answeredByUs: number): void {
  const wait = lastAnswered(waits, fromUs, toUs, answeredByUs);
  const answeredJustNow = wait !== null && wait.endUs >= toUs - CALLBACK_SLACK_US;
  const acrossIt = (kinds: RegExp) => openAcross(waits, kinds, fromUs, toUs, answeredByUs);
  const cause =
    (answeredJustNow ? wait : acrossIt(OF_SEVERAL_STEPS)) ??
    onPromise(walk, fromUs, toUs, answeredByUs) ??
    wait ??
    acrossIt(TELLS_AS_IT_GOES);
  bookGapCausedBy(walk, waits, cause, fromUs, toUs);
}

function bookGapCausedBy(walk: Walk, waits: readonly Wait[], wait: Wait | null, fromUs: number, toUs: number): void {
  const timeline = walk.context.timelines[walk.proc]!;
  if (wait?.kind === 'handover') {
    const letGo = letGoBy(walk, toUs);
    const named = wait.detail && letGo ? `${wait.detail}, let go by ${letGo}` : wait.detail || letGo;
    walk.booking.add(accountOf(wait), toUs - fromUs, named);
    return;
  }
  const heldSinceUs = Math.max(fromUs, busySince(timeline, toUs));
  let readyUs = toUs;
  if (heldSinceUs < toUs) {
    // It became ready somewhere in the busy stretch before its turn. The polls of the loop narrow that down, and the usual length of such
    // waits says where in between.
    const typicalUs = wait ? walk.context.waits.typicalUs(wait.key) : null;
    const earliestUs = clamp(wait?.notBeforeUs ?? heldSinceUs, heldSinceUs, toUs);
    const latestUs = clamp(wait?.readyByUs ?? toUs, earliestUs, toUs);
    readyUs = wait && typicalUs !== null ? clamp(wait.startUs + typicalUs, earliestUs, latestUs) : earliestUs;
    walk.booking.estimatedUs += latestUs - earliestUs;
    bookHolders(walk, readyUs, toUs, 'runtime');
  }
  // Without a known wait nothing is claimed about what it was waiting for while the loop was free.
  if (wait) bookChain(walk, waits, wait, { fromUs, toUs: readyUs, wokeTheLoop: heldSinceUs >= toUs });
  else walk.booking.add(walk.unnamed ? 'wait/other' : 'unattributed', readyUs - fromUs, walk.unnamed);
}

/** What had to be waited for before a wait could begin (a place in a queue, a connection) has the time before it. */
function bookChain(
  walk: Walk,
  waits: readonly Wait[],
  wait: Wait,
  { fromUs, toUs, wokeTheLoop }: { fromUs: number; toUs: number; wokeTheLoop: boolean },
): void {
  const beganUs = clamp(wait.startUs, fromUs, toUs);
  const before = waits.findLast((one) => one !== wait && one.endUs > fromUs && one.endUs <= beganUs + 1 && one.startUs < beganUs);
  if (!before || beganUs <= fromUs) {
    bookWait(walk, wait, fromUs, toUs, wokeTheLoop);
    return;
  }
  bookWait(walk, wait, beganUs, toUs, wokeTheLoop);
  bookChain(walk, waits, before, { fromUs, toUs: beganUs, wokeTheLoop: false });
}

function bookWait(walk: Walk, wait: Wait, fromUs: number, toUs: number, wokeTheLoop: boolean): void {
  const offCore = walk.context.offCore[walk.proc];
  // A timer that was due while the loop slept on: nothing but a core was missing.
  const overdueUs = wait.kind === 'timer' ? toUs - wait.readyByUs : 0;
  const sleptUs = overdueUs > OVERSLEPT_US ? overdueUs : wokeTheLoop ? offCore?.wakeUs(toUs) : 0;
  const wakeUs = offCore ? Math.min(toUs - fromUs, sleptUs ?? 0) : 0;
  bookOffCore(walk, wakeUs, toUs);
  const us = toUs - fromUs - wakeUs;
  const detail = wait.detail || undefined;
  if (!wait.kind.startsWith('pool/')) {
    const apartUs = bookPhases(walk, wait, fromUs, fromUs + us);
    walk.booking.add(accountOf(wait), us - apartUs, detail);
    return;
  }
  const queuedUs = walk.context.queuedUs.get(wait.row) ?? 0;
  const shareQueued = Math.min(1, queuedUs / Math.max(1, wait.endUs - wait.startUs));
  walk.booking.add('pool/wait', us * shareQueued, detail);
  walk.booking.add(accountOf(wait), us * (1 - shareQueued), detail);
  if (queuedUs > 0) walk.booking.estimatedUs += us;
}

function bookPhases({ booking }: Walk, { phases, dest }: Wait, fromUs: number, toUs: number): number {
  let sumUs = 0;
  for (const phase of phases) {
    const us = Math.min(toUs, phase.endUs) - Math.max(fromUs, phase.startUs);
    if (us <= 0) continue;
    booking.add(phase.account, us, dest || undefined);
    sumUs += us;
  }
  return sumUs;
}

/** Books [from, to] to whoever held the main thread; returns how much was held. `idle`: where time between holders goes, if anywhere. */
function bookHolders(walk: Walk, fromUs: number, toUs: number, idle?: 'runtime'): number {
  const timeline = walk.context.timelines[walk.proc];
  if (!timeline || toUs <= fromUs) return 0;
  let heldUs = 0;
  for (let i = firstTurnAfter(timeline, fromUs); i < timeline.startUs.length && timeline.startUs[i]! < toUs; i++) {
    const start = Math.max(fromUs, timeline.startUs[i]!);
    const end = Math.min(toUs, timeline.endUs[i]!);
    if (end <= start) continue;
    bookBusy(walk, start, end, timeline.owner[i]!);
    heldUs += end - start;
  }
  if (idle) walk.booking.add('js/runtime', toUs - fromUs - heldUs);
  return heldUs;
}

/** One owner's stretch of the main thread: collector pauses and time without a core are taken out first. */
function bookBusy(walk: Walk, fromUs: number, toUs: number, owner: number): void {
  const { context, booking, proc, id } = walk;
  const offCore = context.offCore[proc];
  const pauseUs = gcWithin(context.timelines[proc]!, fromUs, toUs);
  const stolenUs = Math.min(toUs - fromUs, offCore?.withinUs(fromUs, toUs) ?? 0);
  const stolenInGcUs = pauseUs === 0 || stolenUs === 0 ? 0 : Math.min(stolenUs, pauseUs, stolenFromGc(walk, fromUs, toUs));
  const gcUs = Math.min(pauseUs - stolenInGcUs, toUs - fromUs - stolenUs);
  const ranUs = toUs - fromUs - gcUs - stolenUs;
  booking.add('js/gc', gcUs);
  bookOffCore(walk, stolenUs, toUs);
  const block = context.blocks.at(proc, fromUs);
  if (owner === id && id !== 0) booking.add('js/own', ranUs, block?.label ?? undefined);
  else if (owner !== 0) booking.add('js/other', ranUs, withBlock(context.routeOf(proc, owner) ?? 'a request that did not end', block));
  else if (block?.label) booking.add('js/other', ranUs, withBlock('no request', block));
  else booking.add('js/runtime', ranUs);
}

function withBlock(task: string, block: Block | null): string {
  return block?.label ? `${task} in ${block.label}` : task;
}

/** A collector may be kept from a core like anybody else. */
function stolenFromGc({ context, proc }: Walk, fromUs: number, toUs: number): number {
  const offCore = context.offCore[proc];
  return gcPauses(context.timelines[proc]!, fromUs, toUs).reduce((sum, [start, end]) => sum + (offCore?.withinUs(start, end) ?? 0), 0);
}

function bookOffCore(walk: Walk, us: number, atUs: number): void {
  if (us <= 0) return;
  const throttledShare = walk.context.offCore[walk.proc]?.throttledShare(atUs) ?? 0;
  walk.booking.add('cpu/throttled', us * throttledShare);
  const queuedUs = us * (1 - throttledShare);
  const competitors = walk.context.competitors[walk.proc]!(atUs);
  if (competitors.length === 0) walk.booking.add('cpu/run-queue', queuedUs);
  for (const { detail, share } of competitors) walk.booking.add('cpu/run-queue', queuedUs * share, detail);
}

/** Of the waits answered by then, the one answered last let the request go on; it must have begun before the gap ended and ended in it. */
function lastAnswered(waits: readonly Wait[], gapStartUs: number, gapEndUs: number, answeredByUs: number): Wait | null {
  for (let i = waits.length - 1; i >= 0; i--) {
    const wait = waits[i]!;
    if (wait.endUs > answeredByUs || wait.startUs >= gapEndUs) continue;
    if (wait.endUs > gapStartUs) return wait;
    break;
  }
  return null;
}

/** Another request's work, or nobody's known, settled the promise that this one waited for, right before its turn. */
function onPromise({ context, proc, id }: Walk, fromUs: number, toUs: number, answeredByUs: number): Wait | null {
  const last = context.waits.promisesOf(proc, id).findLast(({ endUs }) => endUs <= answeredByUs);
  return last && last.endUs > fromUs && last.endUs >= toUs - CALLBACK_SLACK_US ? last : null;
}

/** The route of the request that held the thread just before `us`. */
function letGoBy({ context, proc, id }: Walk, us: number): string | undefined {
  const { startUs, owner } = context.timelines[proc]!;
  for (let i = upperBound(startUs, us - 1) - 1; i >= 0 && startUs[i]! > us - LOOK_BACK_US; i--) {
    if (owner[i] !== 0 && owner[i] !== id) return context.routeOf(proc, owner[i]!) ?? undefined;
  }
  return undefined;
}

/**
 * A call of several steps lets its request run for a moment between two of them: fs.readFile opens, looks, reads, closes; an answer over
 * HTTP comes head first. Whatever else is open then (a time-out, a lock) need not have to do with it.
 */
function openAcross(waits: readonly Wait[], kinds: RegExp, gapStartUs: number, gapEndUs: number, answeredByUs: number): Wait | null {
  const begunByUs = Math.min(gapStartUs + CALLBACK_SLACK_US, gapEndUs);
  return waits.findLast(({ kind, startUs, endUs }) => kinds.test(kind) && startUs <= begunByUs && endUs > answeredByUs) ?? null;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
