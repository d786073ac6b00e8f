import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { parseProcStat } from '../process-tree.js';

/** What /proc tells of a process without touching it. */
export interface ProcessFacts {
  pid: number;
  /** Its pid as it sees itself: another one inside a container. */
  innerPid: number;
  ppid: number;
  /** With the pid, names this process for good. */
  startId: string;
  /** As in `ps`: R running, S sleeping, T stopped, t stopped by a debugger. */
  state: string;
  /** 0: nobody traces it. */
  tracerPid: number;
  uid: number;
  gid: number;
  /** Null where we may not look (another user's process). */
  exe: string | null;
  /** Without path; the kernel's short name where `exe` is null. */
  program: string;
  argv: string[];
  cwd: string;
  /** Is the signal caught, blocked, ignored by the process? */
  catches(signal: number): boolean;
  blocks(signal: number): boolean;
  /** The value of one environment variable as it was at the start; undefined where it has none or we may not look. */
  startEnv(name: string): string | undefined;
  /** Namespaces that are not ours. */
  otherNamespaces: readonly Namespace[];
}

export type Namespace = 'net' | 'pid' | 'user' | 'mnt';
const NAMESPACES: readonly Namespace[] = ['net', 'pid', 'user', 'mnt'];

/** Null where there is no such process. */
export function processFacts(pid: number): ProcessFacts | null {
  const stat = readText(`/proc/${pid}/stat`);
  const entry = stat === null ? null : parseProcStat(stat);
  const status = readText(`/proc/${pid}/status`);
  if (!entry || status === null) return null;
  const field = (name: string): string[] => (new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/);
  const mask = (name: string): bigint => BigInt(`0x${field(name)[0] || '0'}`);
  const caught = mask('SigCgt');
  const blocked = mask('SigBlk');
  const exe = linkOf(`/proc/${pid}/exe`)?.replace(/ \(deleted\)$/, '') ?? null;
  return {
    pid,
    innerPid: Number(field('NSpid').at(-1)) || pid,
    ppid: entry.ppid,
    startId: entry.startId,
    state: field('State')[0] ?? '',
    tracerPid: Number(field('TracerPid')[0]) || 0,
    uid: Number(field('Uid')[1]),
    gid: Number(field('Gid')[1]),
    exe,
    program: exe === null ? (field('Name')[0] ?? '') : basename(exe),
    argv: (readText(`/proc/${pid}/cmdline`) ?? '').replace(/\0$/, '').split('\0'),
    cwd: linkOf(`/proc/${pid}/cwd`) ?? '/',
    catches: (signal) => ((caught >> BigInt(signal - 1)) & 1n) === 1n,
    blocks: (signal) => ((blocked >> BigInt(signal - 1)) & 1n) === 1n,
    startEnv: (name) =>
      readText(`/proc/${pid}/environ`)
        ?.split('\0')
        .find((one) => one.startsWith(`${name}=`))
        ?.slice(name.length + 1),
    otherNamespaces: NAMESPACES.filter((name) => {
      const theirs = linkOf(`/proc/${pid}/ns/${name}`);
      return theirs !== null && theirs !== linkOf(`/proc/self/ns/${name}`);
    }),
  };
}

/** Whether the pid still means the same process. */
export function isSame(facts: ProcessFacts): boolean {
  const stat = readText(`/proc/${facts.pid}/stat`);
  return stat !== null && parseProcStat(stat)?.startId === facts.startId;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
