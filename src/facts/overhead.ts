import type { Available, Fact } from '../model/fact.js';
import { type Recording, TrialLevel } from '../model/recording.js';
import { type Interval, resampled } from './resample.js';
import { window } from './window.js';

/** What the probe costs, tried on this very target. Shares: of the CPU time per request without the probe. */
export interface ProbeCost extends Interval {
  /** Pairs of stretches with and without, next to each other. */
  pairs: number;
  /** What was added, as a share of the main thread's time while it was on. */
  timeShare: number;
  /** Requests entered in those with, and in those without. */
  requests: number;
}

/** Fewer say nothing: pairs, and requests on either side. What few say is uncertain, and the interval is as wide as that. */
const FEWEST_PAIRS = 4;
const FEWEST_REQUESTS = 24;

interface Trial {
  startUs: number;
  durUs: number;
  level: number;
  cpuUs: number;
  requests: number;
}
type Pair = readonly [without: Trial, having: Trial];

/** Everything on against everything off. */
export const probeCost: Fact<ProbeCost> = {
  id: 'probe-cost',
  compute(recording) {
    const pairs = pairsOf(recording, TrialLevel.none, TrialLevel.all, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    return costOf(pairs);
  },
};

/** What the owner ledger adds to the rest of the probe while it is kept; from the judged window, where it was kept in parts of it. */
export const ledgerCost: Fact<ProbeCost> = {
  id: 'ledger-cost',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    return costOf(pairsOf(recording, TrialLevel.cheap, TrialLevel.all, startUs, endUs));
  },
};

function costOf(pairs: readonly Pair[]): Available<ProbeCost> {
  const requests = Math.min(
    sum(pairs, ([without]) => without.requests),
    sum(pairs, ([, having]) => having.requests),
  );
  if (pairs.length === 0) return { ok: false, because: 'the probe was never switched off for comparison', enable: 'a --warmup of 3s' };
  if (pairs.length < FEWEST_PAIRS || requests < FEWEST_REQUESTS) {
    const [cpuUs, durUs] = spentWith(pairs);
    const atMost = `; all that the main thread did with the probe on took ${((100 * cpuUs) / Math.max(1, durUs)).toFixed(1)} % of the time`;
    return {
      ok: false,
      because: `too little was going on to compare: ${requests} requests in ${pairs.length} tries with the probe on and off${atMost}`,
      enable: 'more load, or a longer --warmup',
    };
  }
  const cost = resampled(pairs, addedShare);
  const [cpuUs, durUs] = spentWith(pairs);
  const timeShare = Math.max(0, ((cpuUs / Math.max(1, durUs)) * cost.value) / (1 + cost.value));
  return { ok: true, value: { ...cost, pairs: pairs.length, requests, timeShare } };
}

function spentWith(pairs: readonly Pair[]): [cpuUs: number, durUs: number] {
  return [sum(pairs, ([, having]) => having.cpuUs), sum(pairs, ([, having]) => having.durUs)];
}

/** Ratio of sums, not mean of ratios: a stretch with few requests counts for little. */
function addedShare(pairs: readonly Pair[]): number {
  const perRequest = (side: 0 | 1) =>
    sum(pairs, (pair) => pair[side].cpuUs) /
    Math.max(
      1,
      sum(pairs, (pair) => pair[side].requests),
    );
  return perRequest(1) / Math.max(1e-9, perRequest(0)) - 1;
}

/** Neighbours in time, one of each level; whichever came first. */
function pairsOf(recording: Recording, without: number, having: number, fromUs: number, toUs: number): Pair[] {
  const pairs: Pair[] = [];
  for (let proc = 0; proc < recording.documents.processes.length; proc++) {
    let waiting: Trial | null = null;
    for (const trial of trialsOf(recording, proc)) {
      if (trial.startUs < fromUs || trial.startUs >= toUs || (trial.level !== without && trial.level !== having)) continue;
      if (waiting === null || waiting.level === trial.level) waiting = trial;
      else {
        pairs.push(trial.level === having ? [waiting, trial] : [trial, waiting]);
        waiting = null;
      }
    }
  }
  return pairs;
}

function trialsOf(recording: Recording, proc: number): Trial[] {
  const { trials } = recording.streams;
  const list: Trial[] = [];
  for (let row = 0; row < trials.rows; row++) {
    if (trials.proc[row] !== proc || trials.cpuUs[row]! < 0) continue;
    list.push({
      startUs: trials.startUs[row]!,
      durUs: trials.endUs[row]! - trials.startUs[row]!,
      level: trials.level[row]!,
      cpuUs: trials.cpuUs[row]!,
      requests: trials.requests[row]!,
    });
  }
  return list.sort((a, b) => a.startUs - b.startUs);
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}
