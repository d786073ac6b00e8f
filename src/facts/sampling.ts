import { coveredWithin } from '../ledger/coverage.js';
import { upperBound } from '../ledger/timeline.js';
import type { Fact } from '../model/fact.js';
import type { RequestLedger } from '../model/ledger.js';
import { ledgerContext, ledgers } from './ledgers.js';
import { isBooked, requests } from './requests.js';
import { resampled } from './resample.js';
import { thin } from './stats.js';
import { window } from './window.js';

/** The owner ledger was kept in windows only; null where it was kept all the time. */
export interface Sampling {
  dutyShare: number;
  windows: number;
  bookedRequests: number;
  requests: number;
  /** Half of the widest 95 % interval among the accounts' shares of the mean request. */
  errorShare: number;
}

/** A ledger interrupted for less than this was kept all the time for what matters. */
const COMPLETE_SHARE = 0.995;
/** ... and one that only began a little late: work from before was still under way then. */
const COMPLETE_BUT_ITS_EDGE = 0.9;
const MOST_BOOKED = 2_000;

export const sampling: Fact<Sampling | null> = {
  id: 'sampling',
  compute(_, get) {
    const { startUs, endUs, durationUs } = get(window);
    const coverages = get(ledgerContext).timelines.map(({ coverage }) => coverage);
    const inWindow = coverages.map((coverage) => Math.min(durationUs, coveredWithin(coverage, startUs, endUs)));
    const dutyShare = Math.min(1, ...inWindow.map((us) => us / durationUs));
    if (dutyShare >= COMPLETE_SHARE) return { ok: true, value: null };
    const all = get(requests);
    const booked = all.filter((request) => request.server !== null && isBooked(request));
    const windows = coverages.reduce((sum, { startUs: starts }) => sum + starts.filter((us) => us < endUs && us >= startUs).length, 0);
    if (windows <= coverages.length && dutyShare >= COMPLETE_BUT_ITS_EDGE) return { ok: true, value: null };
    const { book } = get(ledgers);
    const blocks = new Map<string, RequestLedger[]>();
    for (const request of thin(booked, MOST_BOOKED)) {
      const { proc, enteredUs } = request.server!;
      // Requests of one window have much in common: they are drawn together.
      const key = `${proc} ${upperBound(coverages[proc]!.startUs, enteredUs)}`;
      const list = blocks.get(key);
      if (list) list.push(book(request));
      else blocks.set(key, [book(request)]);
    }
    return {
      ok: true,
      value: { dutyShare, windows, bookedRequests: booked.length, requests: all.length, errorShare: errorOf([...blocks.values()]) },
    };
  },
};

/** 1, "anything", where one window is all there is. */
function errorOf(blocks: readonly (readonly RequestLedger[])[]): number {
  if (blocks.length < 2) return 1;
  const sums = blocks.map((list) => {
    const accounts = new Map<string, number>();
    let wallUs = 0;
    for (const ledger of list) {
      wallUs += ledger.wallUs;
      for (const { account, us } of ledger.entries) accounts.set(account, (accounts.get(account) ?? 0) + us);
    }
    return { wallUs, accounts };
  });
  const names = new Set(sums.flatMap(({ accounts }) => [...accounts.keys()]));
  const halves = [...names].map((name) => {
    const { low, high } = resampled(sums, (drawn) => {
      const wallUs = drawn.reduce((total, block) => total + block.wallUs, 0);
      return drawn.reduce((total, block) => total + (block.accounts.get(name) ?? 0), 0) / Math.max(1, wallUs);
    });
    return (high - low) / 2;
  });
  return Math.min(1, Math.max(0, ...halves));
}
