/** What the probe may take of a busy main thread, all in all. */
export const BUDGET_SHARE = 0.03;
/**
 * And of the time in which the thread waits anyway: it delays a request by a part of its own computing only, and a service with time to
 * spare is the usual patient. With less, one dear moment left recordings of ten seconds with a handful of booked requests.
 */
const IDLE_SHARE = 0.25;
/** What all but the ledger takes of a busy thread: requests, waits, collections, V8's two profilers. npm run bench:overhead. */
const ALWAYS_ON_SHARE = 0.02;

/** Once over budget, the ledger is kept all the time again only well below it. */
const BACK_BELOW = 0.7;
/** The dearest moment counts, and is forgotten by half in 2.5 s of keeping: what must not be felt is the peak, not the mean. */
const FORGET_PER_S = 0.76;
/** Breaks that are shorter save nothing. */
const MOST_DUTY = 0.95;
/** Less than this would leave nothing to say. */
const LEAST_DUTY = 0.03;

/** Decides how much of the time the owner ledger is kept. Pure. */
export interface Budget {
  /** After it was kept for `us`, of which the thread was busy for `busyUs`, at an estimated cost of `costUs`. */
  spent(costUs: number, us: number, busyUs: number): void;
  /** Share of the time, 0..1, in which it may be kept. */
  readonly duty: number;
}

export function createBudget(): Budget {
  /** Of what the others leave; 1 = all of it. */
  let peak = 0;
  const budget = {
    duty: 1,
    spent(costUs: number, us: number, busyUs: number) {
      if (us <= 0) return;
      const leftShare = ledgerShare(Math.min(1, busyUs / us));
      peak = Math.max(costUs / us / leftShare, peak * FORGET_PER_S ** (us / 1e6));
      budget.duty = peak <= (budget.duty < 1 ? BACK_BELOW : 1) ? 1 : Math.min(MOST_DUTY, Math.max(LEAST_DUTY, 1 / peak));
    },
  };
  return budget;
}

/** What may go into the ledger, of all time, where the thread is busy for `busyShare` of it. */
export function ledgerShare(busyShare: number): number {
  return BUDGET_SHARE - ALWAYS_ON_SHARE * busyShare + IDLE_SHARE * (1 - busyShare);
}

/** Windows: long enough that most requests lie within one, short enough that a recording has several. Microseconds. */
export function windowUs(slowestUs: number): number {
  return Math.min(LONGEST_WINDOW_US, Math.max(SHORTEST_WINDOW_US, slowestUs * FITS));
}

/** The same where the ledger may be kept for most of the time: then few long windows serve better than many short ones. */
export function windowAtDutyUs(slowestUs: number, duty: number): number {
  return Math.min(LONGEST_AT_DUTY_US, Math.max(windowUs(slowestUs), (SHORTEST_PAUSE_US * duty) / Math.max(0.01, 1 - duty)));
}

/** How long to leave off between two windows. However dear the ledger is, a recording of seconds must have some: then it costs more. */
export function pauseUs(window: number, duty: number): number {
  return Math.min(window * (1 / duty - 1), LONGEST_PAUSE_US + 2 * window);
}

const SHORTEST_WINDOW_US = 100_000;
const LONGEST_WINDOW_US = 2_000_000;
/** Shorter ones would be mostly switching. */
const SHORTEST_PAUSE_US = 200_000;
const LONGEST_AT_DUTY_US = 5_000_000;
const LONGEST_PAUSE_US = 1_200_000;
/** Of requests a quarter as long as the window, three in four lie within it. */
const FITS = 4;
