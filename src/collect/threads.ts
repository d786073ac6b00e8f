import { readdirSync, readlinkSync } from 'node:fs';
import { arch } from 'node:process';
import { parseSchedstat, parseStat, statusField } from './proc-format.js';
import { KeptFile, readText } from './read.js';
import { kindByIdentity, kindBySleep, type Mapping, parseMappings, type ThreadKind } from './thread-kind.js';
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
/** libuv starts all pool threads in one loop; 50 ms leave room for a busy machine. */
const POOL_START_TICKS = 5;
/** Two counters that are cut to 10 ms each: below this a difference is no lost time. */
const TICK_ERROR_US = 20_000;
const LONGEST_PAUSE_TICKS = 25;

interface Thread {
  tid: number;
  file: KeptFile;
  cpuUs: number;
  runqUs: number;
  switches: [voluntary: number, involuntary: number];
  kind: ThreadKind | null;
  tries: number;
  nextTry: number;
}

interface Process {
  threads: Map<number, Thread>;
  /** CPU of this process that is not in any row: used before the baseline. */
  unreportedUs: number;
  reportedUs: number;
  poolStartTicks: number | null;
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
        const process = known ?? { threads: new Map(), unreportedUs: 0, reportedUs: 0, poolStartTicks: null };
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
      thread.runqUs = runqUs;
      if (withSwitches || ticks === 0) countSwitches(pid, thread, row);
      process.reportedUs += ticks === 0 ? 0 : row.cpuUs;
      rows.push(row);
    }
    if (gone.length > 0) {
      for (const thread of gone) drop(process, thread);
      rows.push(...lastIncrements(pid, stat.cpuTicks * 10_000, process, gone, intervalUs));
    }
    identify(pid, process);
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
      process.threads.set(tid, { tid, file, cpuUs: 0, runqUs: 0, switches: [0, 0], kind, tries: 0, nextTry: ticks });
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

  function identify(pid: number, process: Process): void {
    const unknown = [...process.threads.values()].filter(({ kind, nextTry }) => kind === null && nextTry <= ticks);
    if (unknown.length === 0) return;
    let executable: string | null | undefined;
    let mappings: readonly Mapping[] | undefined;
    for (const thread of unknown.sort((a, b) => a.tid - b.tid)) {
      thread.nextTry = ticks + Math.min(LONGEST_PAUSE_TICKS, ++thread.tries >> 1 || 1);
      const task = `/proc/${pid}/task/${thread.tid}`;
      const blocked = BigInt(`0x${statusField(readText(`${task}/status`) ?? '', 'SigBlk') ?? '0'}`);
      thread.kind = kindByIdentity((readText(`${task}/comm`) ?? '').trim(), blocked);
      if (thread.kind === 'libuv' && !beganWithPool(task, process)) thread.kind = 'other';
      if (thread.kind || blocked !== 0n) continue;
      executable ??= nodeExecutable(pid);
      if (executable === null) continue;
      const path = executable;
      const syscall = readText(`${task}/syscall`);
      if (syscall === null) thread.kind = sleepsInLoop(task) ? 'worker' : null;
      else thread.kind = kindBySleep(syscall, arch, () => (mappings ??= parseMappings(readText(`/proc/${pid}/maps`) ?? '', path)));
    }
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
 * as far as it is beyond that counter's coarseness, is theirs. How long they waited for a core remains unknown.
 */
function lastIncrements(pid: number, processCpuUs: number, process: Process, gone: readonly Thread[], intervalUs: number): ThreadRow[] {
  const lostUs = processCpuUs - process.unreportedUs - process.reportedUs;
  if (lostUs <= TICK_ERROR_US) return [];
  process.reportedUs += lostUs;
  const eachUs = Math.min(intervalUs, Math.floor(lostUs / gone.length));
  return gone.map((thread) => rowOf(pid, thread, eachUs, 0));
}

function beganWithPool(task: string, process: Process): boolean {
  const began = parseStat(readText(`${task}/stat`) ?? '')?.startTicks;
  if (began === undefined) return true;
  process.poolStartTicks ??= began;
  return Math.abs(began - process.poolStartTicks) <= POOL_START_TICKS;
}

/** Waiting places mean what thread-kind.ts says only in Node itself, not in a shell or another server of the tree. */
function nodeExecutable(pid: number): string | null {
  try {
    const path = readlinkSync(`/proc/${pid}/exe`);
    return /\/node(js)?[-\d.]*$/.test(path) ? path : null;
  } catch {
    return null;
  }
}

/** Needs no right to trace the process, unlike task/TID/syscall. */
function sleepsInLoop(task: string): boolean {
  return /^(do_epoll_wait|ep_poll)/.test(readText(`${task}/wchan`) ?? '');
}

function entries(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
