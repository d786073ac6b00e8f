/** What a call of the ledger's hooks costs here, microseconds: a guess that gives way to what was measured on the target's own work. Pure. */
export interface Price {
  readonly perCallUs: number;
  /** Work in which the hooks were called `calls` times took `addedUs` more of the main thread than as much of it without them. */
  learn(addedUs: number, calls: number): void;
}

/**
 * Hooks on the target's own promises and callbacks miss caches, make work for the collector and keep V8 from inlining what it inlines
 * otherwise; in a chain of awaits they do not. Between these multiples of the calibrated price is what npm run bench:overhead showed.
 */
const UNLIKE_CALIBRATION = 3;
const MOST_UNLIKE = 20;
/** The guess counts as much as a measurement over so many calls: some tenths of a second of a busy thread. */
const GUESS_CALLS = 20_000;
/** Of a measurement after the next one: a dozen count, or a busy neighbour would have the last word. */
const REMEMBERED = 0.92;

export function createPrice(calibratedUs: number): Price {
  let addedUs = 0;
  let calls = 0;
  const price = {
    perCallUs: calibratedUs * UNLIKE_CALIBRATION,
    learn(moreUs: number, inCalls: number) {
      addedUs = addedUs * REMEMBERED + moreUs;
      calls = calls * REMEMBERED + inCalls;
      const blended = (addedUs + calibratedUs * UNLIKE_CALIBRATION * GUESS_CALLS) / (calls + GUESS_CALLS);
      price.perCallUs = Math.min(calibratedUs * MOST_UNLIKE, Math.max(calibratedUs, blended));
    },
  };
  return price;
}
