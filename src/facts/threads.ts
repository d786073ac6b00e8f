import type { Fact } from '../model/fact.js';
import type { Recording } from '../model/recording.js';
import { window } from './window.js';

/** How the target's threads and the machine's cores got on over the window. "Cores' worth": seconds per second. */
export interface ThreadPressure {
  cores: number;
  /** All of the target's threads: running, and runnable without a core. */
  cpuCores: number;
  waitingCores: number;
  byKind: KindPressure[];
  /** Of the time the main thread had work, the share in which it had no core, 0..1. Throttling is not told apart here. */
  mainWaitShare: number;
  involuntarySwitchesPerS: number;
  /** CPU that neither the target nor ddx used, and what the hypervisor took. */
  neighbourCores: number;
  stealCores: number;
  machineBusyShare: number;
}

export interface KindPressure {
  /** As recorded; "child" for the main threads of processes that the target started. */
  kind: string;
  /** Most at work in one sampling interval: of short-lived ones, many more may have come and gone. */
  threads: number;
  cpuCores: number;
  waitingCores: number;
  /** Cores' worth wanted in those sampling intervals in which these threads were at work at all, and the share of intervals that were so. */
  activeDemandCores: number;
  activeShare: number;
}

export const threadPressure: Fact<ThreadPressure> = {
  id: 'thread-pressure',
  compute(recording, get) {
    const { startUs, endUs, durationUs, session } = get(window);
    const { threads } = recording.streams;
    const unseen = {
      ok: false as const,
      because: 'threads and run queues are not visible here',
      enable: 'run on Linux with a readable /proc',
    };
    if (threads.rows === 0) return unseen;
    const kinds = new Map<string, KindSum>();
    const main = { cpuUs: 0, runqUs: 0 };
    let switches = 0;
    let seen = 0;
    for (let row = 0; row < threads.rows; row++) {
      const tUs = threads.tUs[row]!;
      if (tUs <= startUs || tUs > endUs) continue;
      seen++;
      const role = recording.documents.processes[threads.proc[row]!]?.role;
      const named = recording.strings[threads.kind[row]!] ?? 'other';
      const kind = named === 'main' && role === 'child' ? 'child' : named;
      const cpuUs = Math.max(0, threads.cpuUs[row]!);
      const runqUs = Math.max(0, threads.runqUs[row]!);
      const sum = kinds.get(kind) ?? { kind, ticks: new Map<number, Tick>(), cpuUs: 0, runqUs: 0 };
      sum.cpuUs += cpuUs;
      sum.runqUs += runqUs;
      const tick = sum.ticks.get(tUs) ?? { us: 0, threads: 0 };
      tick.us += cpuUs + runqUs;
      if (cpuUs + runqUs >= TAKES_PART_US) tick.threads++;
      sum.ticks.set(tUs, tick);
      kinds.set(kind, sum);
      if (kind === 'main' && role === 'target') {
        main.cpuUs += cpuUs;
        main.runqUs += runqUs;
      }
      switches += Math.max(0, threads.involSwitches[row]!);
    }
    if (seen === 0) return unseen;
    const all = [...kinds.values()];
    const times = [...new Set(all.flatMap((kind) => [...kind.ticks.keys()]))].sort((a, b) => a - b);
    const { limits } = session;
    return {
      ok: true,
      value: {
        cores: Math.max(1, limits.usableCores),
        cpuCores: all.reduce((sum, kind) => sum + kind.cpuUs, 0) / durationUs,
        waitingCores: all.reduce((sum, kind) => sum + kind.runqUs, 0) / durationUs,
        byKind: all
          .map((kind) => describe(kind, times, durationUs))
          .sort((a, b) => b.cpuCores + b.waitingCores - a.cpuCores - a.waitingCores),
        mainWaitShare: main.runqUs / Math.max(1, main.cpuUs + main.runqUs),
        involuntarySwitchesPerS: switches / (durationUs / 1e6),
        ...machineOf(recording, startUs, endUs, durationUs),
      },
    };
  },
};

interface KindSum {
  kind: string;
  /** By the end of each sampling interval. */
  ticks: Map<number, Tick>;
  cpuUs: number;
  runqUs: number;
}

interface Tick {
  /** Microseconds wanted, by so many threads. */
  us: number;
  threads: number;
}

/** A thread that was runnable for less in a sampling interval only looked whether there is work. */
const TAKES_PART_US = 10_000;
/** Below this many cores' worth, threads only look whether there is work. */
const AT_WORK_CORES = 0.3;

function describe(sum: KindSum, times: readonly number[], durationUs: number): KindPressure {
  let wantedUs = 0;
  let activeUs = 0;
  for (let i = 1; i < times.length; i++) {
    const us = sum.ticks.get(times[i]!)?.us ?? 0;
    const intervalUs = times[i]! - times[i - 1]!;
    if (us < AT_WORK_CORES * intervalUs) continue;
    wantedUs += us;
    activeUs += intervalUs;
  }
  return {
    kind: sum.kind,
    threads: Math.max(0, ...[...sum.ticks.values()].map((tick) => tick.threads)),
    cpuCores: sum.cpuUs / durationUs,
    waitingCores: sum.runqUs / durationUs,
    activeDemandCores: activeUs > 0 ? wantedUs / activeUs : 0,
    activeShare: activeUs / durationUs,
  };
}

/** With neighbours on this share of the cores and the main thread without one this often, everything is slow and queues form by themselves. */
const CROWDED_CORES = 0.3;
const CROWDED_WAIT = 0.4;

/** Why a slow answer or a queue proves nothing here, where others crowd the target out; null where they do not, or nobody knows. */
export function crowdedOut(pressure: ThreadPressure | null): string | null {
  if (!pressure || pressure.mainWaitShare < CROWDED_WAIT || pressure.neighbourCores < CROWDED_CORES * pressure.cores) return null;
  return `others used ${pressure.neighbourCores.toFixed(1)} of ${pressure.cores} cores`;
}

function machineOf(recording: Recording, startUs: number, endUs: number, durationUs: number) {
  const { machine } = recording.streams;
  let busyUs = 0;
  let idleUs = 0;
  let stealUs = 0;
  let knownUs = 0;
  for (let row = 0; row < machine.rows; row++) {
    if (machine.tUs[row]! <= startUs || machine.tUs[row]! > endUs) continue;
    busyUs += machine.busyUs[row]!;
    idleUs += machine.idleUs[row]!;
    stealUs += Math.max(0, machine.stealUs[row]!);
    knownUs += Math.max(0, machine.treeCpuUs[row]!) + Math.max(0, machine.ddxCpuUs[row]!);
  }
  return {
    neighbourCores: Math.max(0, busyUs - knownUs) / durationUs,
    stealCores: stealUs / durationUs,
    machineBusyShare: busyUs / Math.max(1, busyUs + idleUs),
  };
}
