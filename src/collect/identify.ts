import { readlinkSync } from 'node:fs';
import { arch } from 'node:process';
import { configuredPoolThreads } from './limits.js';
import { parseStat, statusField } from './proc-format.js';
import { readText } from './read.js';
import { kindByIdentity, kindBySleep, kindByStacks, type Mapping, parseMappings, type ThreadKind } from './thread-kind.js';

export interface Identifiable {
  readonly tid: number;
  kind: ThreadKind | null;
}

/** libuv starts all pool threads in one loop; 50 ms leave room for a busy machine. */
const POOL_START_TICKS = 5;

/** Sets the kind of those threads of a process that are not known yet, as far as they show it now (see thread-kind.ts). */
export function identify(pid: number, threads: readonly Identifiable[]): void {
  const unknown = threads.filter(({ kind }) => kind === null).sort((a, b) => a.tid - b.tid);
  if (unknown.length === 0) return;
  const executable = nodeExecutable(pid);
  let mappings: readonly Mapping[] | undefined;
  const maps = (): readonly Mapping[] => (mappings ??= parseMappings(readText(`/proc/${pid}/maps`) ?? '', executable ?? ''));
  const silent: Identifiable[] = [];
  for (const thread of unknown) {
    const task = `/proc/${pid}/task/${thread.tid}`;
    const blocked = BigInt(`0x${statusField(readText(`${task}/status`) ?? '', 'SigBlk') ?? '0'}`);
    thread.kind = kindByIdentity((readText(`${task}/comm`) ?? '').trim(), blocked);
    if (thread.kind === 'libuv' && !isOfPool(pid, thread.tid, threads)) thread.kind = 'other';
    if (thread.kind || blocked !== 0n || executable === null) continue;
    const syscall = readText(`${task}/syscall`);
    thread.kind = syscall === null ? kindByWchan(task) : kindBySleep(syscall, arch, maps);
    if (thread.kind === null) silent.push(thread);
  }
  if (silent.length === 0 || executable === null) return;
  const left = withoutPool(pid, silent, threads);
  if (left.length === 0) return;
  const known = (kind: ThreadKind): number => threads.filter((thread) => thread.kind === kind).length;
  const poolMayBeAmong = known('libuv') === 0 && beganTogether(pid, left);
  const kind = kindByStacks(maps(), {
    unknown: left.length,
    workers: known('worker'),
    defaults: known('v8') + known('libuv') + known('other'),
    poolThreads: poolMayBeAmong ? (configuredPoolThreads(pid) ?? 0) : 0,
  });
  for (const thread of left) thread.kind = kind;
}

/** Once a pool thread is known, those that began with it and just make up the pool are its fellows. Returns the others. */
function withoutPool(pid: number, silent: readonly Identifiable[], threads: readonly Identifiable[]): readonly Identifiable[] {
  const pool = threads.filter(({ kind }) => kind === 'libuv');
  if (pool.length === 0) return silent;
  const fellows = silent.filter((thread) => beganTogether(pid, [pool[0]!, thread]));
  if (pool.length + fellows.length !== configuredPoolThreads(pid)) return silent;
  for (const thread of fellows) thread.kind = 'libuv';
  return silent.filter(({ kind }) => kind === null);
}

/** An addon's thread bears the same name if a pool thread started it: it is one too many, and later. */
function isOfPool(pid: number, tid: number, threads: readonly Identifiable[]): boolean {
  const pool = threads.filter((thread) => thread.kind === 'libuv' && thread.tid !== tid);
  return pool.length < (configuredPoolThreads(pid) ?? 0) || pool.length === 0 || beganTogether(pid, [pool[0]!, { tid }]);
}

/** Threads that are gone meanwhile began with nobody. */
function beganTogether(pid: number, threads: readonly { tid: number }[]): boolean {
  const began = threads.map(({ tid }) => parseStat(readText(`/proc/${pid}/task/${tid}/stat`) ?? '')?.startTicks ?? Number.NaN);
  return Math.max(...began) - Math.min(...began) <= POOL_START_TICKS;
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
function kindByWchan(task: string): ThreadKind | null {
  return /^(do_epoll_wait|ep_poll)/.test(readText(`${task}/wchan`) ?? '') ? 'worker' : null;
}
