import { nowUs } from './clock.js';
import { state } from './state.js';

/**
 * For which requests the owner ledger is complete. Requests that began while nobody listened are unknown, and where owners follow resources
 * so is everybody who was at work before it was kept; their turns would pass for the runtime's. So it counts only from when the last of these strangers has ended, or from when those
 * that have not are taken for the sort that never end (streams, long polls).
 */
let sinceUs = Number.POSITIVE_INFINITY;
let resumedUs = Number.POSITIVE_INFINITY;
let strangersUntilUs = 0;
let strangers = 0;
/** The probe that attaches comes into the middle of other people's work. */
let uncounted = state.traceless;
let open = 0;
let entered = 0;
/** The longest that a request took, forgotten slowly. */
let slowUs = 0;

const FORGET_PER_REQUEST = 0.998;
/** So long for strangers of whom not even the number is known. */
const UNCOUNTED_PATIENCE_US = 300_000;

/** The ledger is kept from now on. `patienceUs`: how long to wait for strangers; 0 where everybody who was counted is known. */
export function keptFromNow(patienceUs: number): void {
  resumedUs = nowUs();
  strangersUntilUs = resumedUs + (uncounted ? Math.max(patienceUs, UNCOUNTED_PATIENCE_US) : patienceUs);
  strangers = uncounted ? Number.POSITIVE_INFINITY : patienceUs === 0 ? 0 : open;
  uncounted = false;
  sinceUs = strangers > 0 ? Number.POSITIVE_INFINITY : resumedUs;
}

export function noLongerKept(): void {
  sinceUs = resumedUs = Number.POSITIVE_INFINITY;
}

/** Since when it is kept and complete; infinite while it is not. */
export function keptSinceUs(): number {
  if (sinceUs === Number.POSITIVE_INFINITY && resumedUs < sinceUs && nowUs() >= strangersUntilUs) sinceUs = nowUs();
  return sinceUs;
}

export function requestBegan(): void {
  open++;
  entered++;
}

/** Whether the ledger knows all of it. */
export function requestEnded(startUs: number, endUs: number): boolean {
  if (open > 0) open--;
  slowUs = Math.max(endUs - startUs, slowUs * FORGET_PER_REQUEST);
  if (startUs < resumedUs && strangers > 0 && --strangers === 0 && resumedUs < Number.POSITIVE_INFINITY) sinceUs = endUs;
  return startUs >= sinceUs;
}

/** Requests were not counted for a while: that somebody unknown is at work must be assumed. */
export function lostCount(): void {
  open = 0;
  uncounted = true;
}

/** Number of requests that began. */
export function requestsEntered(): number {
  return entered;
}

export function slowestUs(): number {
  return slowUs;
}
