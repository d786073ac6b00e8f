import { readdirSync } from 'node:fs';
import { identify } from './identify.js';
import { parseSchedstat, statusField } from './proc-format.js';
import { KeptFile, readText } from './read.js';
import type { ThreadKind } from './thread-kind.js';
import type { Member } from './tree.js';

/** `proc` and `kind` still as pid and word; the rest as in the stream `threads`. */
export interface ThreadRow {
  pid: number;
  tid: number;
  kind: ThreadKind;
  cpuUs: number;
  runqUs: number;
  volSwitches: number;
  involSwitches: number;
}

export interface ThreadSource {
  /** Increments since the last call; the first call finds the baseline and returns nothing. `withSwitches`: also read context switches. */
  tick(members: readonly Member[], intervalUs: number, withSwitches: boolean): ThreadRow[];
  /** Most pool threads seen in one process. */
  poolThreads(): number;
  close(): void;
}

/** Each thread costs a file descriptor of ours. */
const MOST_THREADS = 1000;
/** Two counters that are cut to 10 ms each: below this a difference is no lost time. */
const TICK_ERROR_US = 20_000;
/** 5 s: a thread that did not show what it is in its first minute hardly ever will. */
const LONGEST_PAUSE_TICKS = 25;

interface Thread {
  tid: number;
  file: KeptFile;
  cpuUs: number;
  runqUs: number;
  /** `cpuUs` of its last row. */
  recentUs: number;
  /** At the last count of its context switches: they, and how often it had been put on a core. */
  switches: [voluntary: number, involuntary: number];
  runs: number;
  kind: ThreadKind | null;
}

interface Process {
  threads: Map<number, Thread>;
  /** CPU of this process that is not in any row: used before the baseline. */
  unreportedUs: number;
  reportedUs: number;
  /** How often its unknown threads were looked at since one was added, and the tick of the next look. */
  looks: number;
  nextLook: number;
}

export function threadSource(): ThreadSource {
  const processes = new Map<number, Process>();
  let ticks = 0;
  let threadCount = 0;

  return {
    tick(members, intervalUs, withSwitches) {
      const rows: ThreadRow[] = [];
      const alive = new Set(members.map(({ pid }) => pid));
      for (const [pid, process] of processes) if (!alive.has(pid)) forget(pid, process);
      for (const member of members) {
        const known = processes.get(member.pid);
        const process = known ?? { threads: new Map(), unreportedUs: 0, reportedUs: 0, looks: 0, nextLook: 0 };
        processes.set(member.pid, process);
        // Threads that were there before us have a past that is not ours to report; those that come later count from zero.
        if (ticks === 0) process.unreportedUs = member.stat.cpuTicks * 10_000;
        rows.push(...sample(member, process, intervalUs, withSwitches));
      }
      return ticks++ === 0 ? [] : rows;
    },
    poolThreads: () =>
      Math.max(0, ...[...processes.values()].map(({ threads }) => [...threads.values()].filter(({ kind }) => kind === 'libuv').length)),
    close() {
      for (const [pid, process] of processes) forget(pid, process);
    },
  };

  function sample({ pid, stat }: Member, process: Process, intervalUs: number, withSwitches: boolean): ThreadRow[] {
    if (stat.threads !== process.threads.size) list(pid, process);
    const rows: ThreadRow[] = [];
    const gone: Thread[] = [];
    for (const thread of process.threads.values()) {
      const now = parseSchedstat(thread.file.read() ?? '');
      if (!now) {
        gone.push(thread);
        continue;
      }
      const [cpuUs, runqUs] = [Math.floor(now.cpuNs / 1000), Math.floor(now.runqNs / 1000)];
      const row = rowOf(pid, thread, cpuUs - thread.cpuUs, runqUs - thread.runqUs);
      thread.cpuUs = cpuUs;
      thread.recentUs = row.cpuUs;
      thread.runqUs = runqUs;
      // A thread that was not put on a core since did not leave one either.
      if ((withSwitches || ticks === 0) && now.runs !== thread.runs) {
        countSwitches(pid, thread, row);
        thread.runs = now.runs;
      }
      process.reportedUs += ticks === 0 ? 0 : row.cpuUs;
      rows.push(row);
    }
    if (gone.length > 0) {
      for (const thread of gone) drop(process, thread);
      rows.push(...lastIncrements(pid, stat.cpuTicks * 10_000, process, gone, intervalUs));
    }
    if (process.nextLook <= ticks) {
      process.nextLook = ticks + Math.min(LONGEST_PAUSE_TICKS, 1 + (process.looks++ >> 1));
      identify(pid, [...process.threads.values()]);
    }
    for (const row of rows) row.kind = process.threads.get(row.tid)?.kind ?? row.kind;
    return rows;
  }

  function list(pid: number, process: Process): void {
    for (const name of entries(`/proc/${pid}/task`)) {
      const tid = Number(name);
      if (process.threads.has(tid) || threadCount >= MOST_THREADS) continue;
      const file = KeptFile.open(`/proc/${pid}/task/${tid}/schedstat`);
      if (!file) continue;
      threadCount++;
      const kind = tid === pid ? 'main' : null;
      process.threads.set(tid, { tid, file, cpuUs: 0, runqUs: 0, recentUs: 0, switches: [0, 0], runs: -1, kind });
      process.looks = 0;
      process.nextLook = ticks;
    }
  }

  function drop(process: Process, thread: Thread): void {
    thread.file.close();
    if (process.threads.delete(thread.tid)) threadCount--;
  }

  function forget(pid: number, process: Process): void {
    for (const thread of [...process.threads.values()]) drop(process, thread);
    processes.delete(pid);
  }
}

function rowOf(pid: number, thread: Thread, cpuUs: number, runqUs: number): ThreadRow {
  return { pid, tid: thread.tid, kind: thread.kind ?? 'other', cpuUs, runqUs, volSwitches: 0, involSwitches: 0 };
}

function countSwitches(pid: number, thread: Thread, row: ThreadRow): void {
  const status = readText(`/proc/${pid}/task/${thread.tid}/status`);
  if (status === null) return;
  const voluntary = Number(statusField(status, 'voluntary_ctxt_switches') ?? 0);
  const involuntary = Number(statusField(status, 'nonvoluntary_ctxt_switches') ?? 0);
  row.volSwitches = voluntary - thread.switches[0];
  row.involSwitches = involuntary - thread.switches[1];
  thread.switches = [voluntary, involuntary];
}

/**
 * What threads used between our last look and their end is gone with them, but the process's own counter still has it: the difference,
 * as far as it is beyond that counter's coarseness, is theirs, shared as they worked before. How long they waited for a core remains unknown.
 */
function lastIncrements(pid: number, processCpuUs: number, process: Process, gone: readonly Thread[], intervalUs: number): ThreadRow[] {
  const lostUs = processCpuUs - process.unreportedUs - process.reportedUs;
  if (lostUs <= TICK_ERROR_US) return [];
  process.reportedUs += lostUs;
  const weight = gone.reduce((sum, { recentUs }) => sum + recentUs + 1, 0);
  return gone.map((thread) => rowOf(pid, thread, Math.min(intervalUs, Math.floor((lostUs * (thread.recentUs + 1)) / weight)), 0));
}

function entries(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
