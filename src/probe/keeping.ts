import { performance } from 'node:perf_hooks';
import { refillAwaits, watchAwaits } from './awaits.js';
import { createBudget, pauseUs, windowAtDutyUs, windowUs } from './budget.js';
import { bookedUs, hookCalls, isCharging, startCharging, stopCharging } from './charge.js';
import { nowUs } from './clock.js';
import type { CpuTime } from './cpu-time.js';
import { keptFromNow, keptSinceUs, noLongerKept, requestsEntered, slowestUs } from './kept.js';
import type { Owners } from './owners.js';
import { createPrice } from './price.js';
import type { Probe, Source } from './probe.js';
import { guarded, state } from './state.js';
import { recordTrial, TrialLevel } from './trial.js';
import { watchPromises } from './wrap.js';

/**
 * The owner ledger and the waits, kept all the time where that is cheap, in windows where it would be felt. All hooks that cost with every
 * promise and callback hang on this one switch; requests, collections and V8's profiler go on meanwhile.
 */
export interface Keeping extends Source {
  pause(): void;
  resume(): void;
  /** While the hooks were called `calls` times, they added `addedUs` to what the main thread used. */
  learn(addedUs: number, calls: number): void;
  /** Main-thread time so far that the loop did not spend waiting, kept or not. Microseconds. */
  busyUs(): number;
}

export interface KeepingOptions {
  /** V8's CPU profiler is on; see charge.ts. */
  profiled: boolean;
  cpu: CpuTime | null;
  /** What one call of a hook costs, microseconds. */
  costPerCallUs: number;
  /** Kept all the time, whatever that costs. */
  always: boolean;
}

/** A look is worth something after so much keeping; longer than compare.ts leaves it on at a stretch. */
const LOOK_US = 480_000;
/** Windows with fewer requests say nothing of the price. */
const LEAST_REQUESTS = 20;

export function keepLedger(probe: Probe, owners: Owners, { profiled, cpu, costPerCallUs: calibratedUs, always }: KeepingOptions): Keeping {
  const budget = createBudget();
  const price = createPrice(calibratedUs);
  const random = sequence();
  let stopPromises: (() => void) | null = null;
  let stopAwaits: (() => void) | null = null;
  let coveredUs = 0;
  let lookedUs = 0;
  let lookedCalls = 0;
  let lookedBusyUs = 0;
  let outsideUs = 0;
  let pausedAtUs = 0;
  let turning: NodeJS.Timeout | null = null;
  let trial: ReturnType<typeof recordTrial> | null = null;
  let callsBefore = 0;
  let beganUs = 0;
  let kept = { cpuUs: 0, requests: 0, calls: 0 };
  let without = { cpuUs: 0, requests: 0 };

  const cpuBusyUs = () => cpu?.busyUs() ?? performance.eventLoopUtilization().active * 1000;
  const on = () => {
    if (isCharging()) return;
    outsideUs += cpuBusyUs() - pausedAtUs;
    startCharging(probe.turns!, profiled);
    owners.start();
    stopPromises = watchPromises();
    stopAwaits = watchAwaits();
    state.tracing = true;
    keptFromNow(owners.knowsAll ? 0 : windowUs(slowestUs()) / 2);
    coveredUs = lookedUs = beganUs = nowUs();
    lookedCalls = hookCalls();
    lookedBusyUs = bookedUs();
  };
  const off = () => {
    if (!isCharging()) return;
    look(nowUs());
    cover(nowUs());
    noLongerKept();
    state.tracing = false;
    stopPromises?.();
    stopAwaits?.();
    owners.stop();
    stopCharging();
    probe.turns?.flush();
    pausedAtUs = cpuBusyUs();
  };
  /** What was kept until now, for the requests that lie within. Told piece by piece: the process may be killed at any moment. */
  const cover = (tUs: number) => {
    const fromUs = Math.max(coveredUs, keptSinceUs());
    if (fromUs >= tUs) return;
    const row = probe.rows.coverage;
    const at = row.claim();
    row.values[at] = Math.round(fromUs);
    row.values[at + 1] = Math.round(tUs);
    coveredUs = tUs;
  };
  const look = (tUs: number) => {
    const busyUs = bookedUs();
    budget.spent((hookCalls() - lookedCalls) * price.perCallUs, tUs - lookedUs, busyUs - lookedBusyUs);
    lookedUs = tUs;
    lookedCalls = hookCalls();
    lookedBusyUs = busyUs;
  };
  /** Windows beside breaks, several where few requests come. */
  const learnFrom = (used: { cpuUs: number; requests: number }) => {
    const of = isCharging() ? kept : without;
    of.cpuUs += used.cpuUs;
    of.requests += used.requests;
    if (!isCharging()) return;
    kept.calls += hookCalls() - callsBefore;
    if (Math.min(kept.requests, without.requests) < LEAST_REQUESTS) return;
    price.learn(kept.cpuUs - (without.cpuUs / without.requests) * kept.requests, kept.calls);
    kept = { cpuUs: 0, requests: 0, calls: 0 };
    without = { cpuUs: 0, requests: 0 };
  };
  /** Where strangers are waited for, the time until the last of them has gone comes on top. */
  const wantedUs = () => {
    const strangersUs = owners.knowsAll ? 0 : Math.min(slowestUs(), windowUs(slowestUs()) / 2);
    return windowAtDutyUs(slowestUs(), budget.duty) + strangersUs;
  };
  const turn = guarded(() => {
    if (trial) learnFrom(trial.end());
    if (isCharging()) {
      off();
      // Not in step with anything that the target does at intervals.
      after(pauseUs(wantedUs(), budget.duty) * (0.75 + random() / 2));
      trial = recordTrial(probe, cpu, TrialLevel.cheap, requestsEntered);
    } else {
      on();
      after(wantedUs());
      trial = recordTrial(probe, cpu, TrialLevel.all, requestsEntered);
      callsBefore = hookCalls();
    }
  });
  const after = (us: number) => {
    turning = setTimeout(turn, us / 1000);
    turning.unref();
  };
  const stopTurning = () => {
    if (turning) clearTimeout(turning);
    turning = trial = null;
  };

  pausedAtUs = cpuBusyUs();
  on();
  return {
    busyUs: () => (isCharging() ? bookedUs() + outsideUs : bookedUs() + outsideUs + cpuBusyUs() - pausedAtUs),
    pause() {
      stopTurning();
      off();
    },
    resume: on,
    learn: price.learn,
    flush(tUs) {
      if (!isCharging()) return;
      cover(tUs);
      refillAwaits(tUs);
      if (tUs - lookedUs < LOOK_US) return;
      look(tUs);
      // Until now it was kept all the time: what has begun is the first window.
      if (turning === null && budget.duty < 1 && !always) after(Math.max(0, wantedUs() - (tUs - beganUs)));
      else if (turning !== null && budget.duty === 1) stopTurning();
    },
    mark() {
      if (turning === null || isCharging()) return;
      clearTimeout(turning);
      turn();
    },
    finish() {
      if (isCharging()) cover(nowUs());
    },
    stop() {
      stopTurning();
      off();
      owners.end();
    },
  };
}

/** Any sequence will do that keeps no step: xorshift32. */
function sequence(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
