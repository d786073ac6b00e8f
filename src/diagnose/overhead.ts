import { percent } from '../facts/evidence.js';
import { ledgerCost, type ProbeCost, probeCost } from '../facts/overhead.js';
import { MissingFact, optional } from '../facts/reader.js';
import { type Sampling, sampling } from '../facts/sampling.js';
import { window } from '../facts/window.js';
import type { FactReader } from '../model/fact.js';
import type { Recording } from '../model/recording.js';
import type { Overhead } from '../model/report.js';
import { round } from './findings.js';

/** What ddx cost in this run, as far as it was measured in this run. */
export function overheadOf({ header }: Recording, get: FactReader): Overhead {
  const tier = header.depth;
  const selfShare = optional(get, window)?.session.probeShare ?? -1;
  if (selfShare < 0) return unknown(tier, 'no probe was inside the target');
  const sampled = optional(get, sampling);
  const cost = costOrReason(get);
  if (typeof cost === 'string') {
    const nothing = unknown(tier, cost);
    const parts = [nothing.says, ...(sampled ? [samplingWords(sampled)] : [])];
    return { ...nothing, ...samplingOf(sampled), says: `${parts.join(' ')}; ${selfWords(selfShare)}` };
  }
  const ledger = sampled && optional(get, ledgerCost);
  const [share, lowShare, highShare] = [cost.value, cost.low, cost.high].map((all) => round(diluted(all, ledger, sampled), 4)) as [
    number,
    number,
    number,
  ];
  const timeShare = round((cost.timeShare * Math.max(0, share)) / Math.max(1e-9, cost.value), 4);
  const how = `switched off and on ${cost.pairs} times outside the judged window, at least ${cost.requests} requests each way`;
  return {
    tier,
    share,
    lowShare,
    highShare,
    timeShare,
    how,
    ...samplingOf(sampled),
    says: [
      costWords(share, lowShare, highShare, timeShare),
      `(${how})`,
      ...(sampled ? [samplingWords(sampled)] : []),
      `; ${selfWords(selfShare)}`,
    ]
      .join(' ')
      .replace(' ;', ';'),
  };
}

/** The trials ran with the ledger kept; in the window it was kept for a part of the time. */
function diluted(all: number, ledger: ProbeCost | null, sampled: Sampling | null): number {
  if (!ledger || !sampled) return all;
  const whileKept = 1 + Math.max(0, ledger.value);
  return ((1 + all) * (1 + (whileKept - 1) * sampled.dutyShare)) / whileKept - 1;
}

function unknown(tier: string, because: string): Overhead {
  return { tier, share: -1, lowShare: -1, highShare: -1, timeShare: -1, how: `not measured: ${because}`, says: `not measured: ${because}` };
}

function costOrReason(get: FactReader): ProbeCost | string {
  try {
    return get(probeCost);
  } catch (error) {
    if (error instanceof MissingFact) return error.enable ? `${error.because} (${error.enable} would enable it)` : error.because;
    throw error;
  }
}

function costWords(share: number, low: number, high: number, ofTime: number): string {
  const interval = `95 % interval ${percent(low)} to ${percent(high)}`;
  if (low <= 0 && high >= 0) return `cost too little CPU time per request to tell from none: ${percent(share)}, ${interval}`;
  return `took ${percent(share)} more main-thread CPU time per request (${percent(ofTime)} of the thread's time), ${interval}`;
}

function samplingWords({ dutyShare, bookedRequests, requests, errorShare }: Sampling): string {
  return (
    `and kept the ledger ${percent(dutyShare)} of the time to stay at that: ${bookedRequests} of ${requests} requests are booked, ` +
    `which leaves an account's share of the mean request uncertain by up to ${(errorShare * 100).toFixed(1)} points`
  );
}

function selfWords(selfShare: number): string {
  return `its own flushing and sampling took ${(selfShare * 100).toFixed(2)} % of the time`;
}

function samplingOf(sampled: Sampling | null): Pick<Overhead, 'sampling'> {
  if (!sampled) return {};
  const { dutyShare, windows, bookedRequests, requests, errorShare } = sampled;
  return { sampling: { dutyShare: round(dutyShare, 4), windows, bookedRequests, requests, errorShare: round(errorShare, 4) } };
}
