import { readdirSync, readlinkSync } from 'node:fs';
import { openFilesLimit } from './proc-format.js';
import { KeptFile, readText } from './read.js';
import type { Member } from './tree.js';

/** As in the stream `process`, with the pid for `proc`. */
export interface ProcessRow {
  pid: number;
  rss: number;
  pss: number;
  fds: number;
  threads: number;
  /** -1 where there are too many descriptors to look at each. */
  sockets: number;
  fdLimit: number;
  nice: number;
}

export interface ProcessSource {
  /** `countFds`: count open files again, else the last count stands. */
  tick(members: readonly Member[], tUs: number, countFds: boolean): ProcessRow[];
  close(): void;
}

const PSS_EVERY_US = 5e6;
/** smaps_rollup walks every page while it holds the process's memory map lock: a large process would feel it. */
const DEAREST_PSS_US = 5000;

interface Known {
  statm: KeptFile;
  fds: number;
  sockets: number;
  fdLimit: number;
  nextPssUs: number;
}

export function processSource(): ProcessSource {
  const known = new Map<number, Known>();
  const pageBytes = pageSize();
  return {
    tick(members, tUs, countFds) {
      const alive = new Set(members.map(({ pid }) => pid));
      for (const [pid, { statm }] of known) {
        if (alive.has(pid)) continue;
        statm.close();
        known.delete(pid);
      }
      return members.flatMap(({ pid, stat }) => {
        const file = known.get(pid) ?? open(pid, tUs);
        const pages = Number(file?.statm.read()?.split(' ')[1]);
        // A zombie has no memory left.
        if (!file || !(pages > 0)) return [];
        known.set(pid, file);
        if (countFds || file.fds < 0) Object.assign(file, openFiles(pid));
        const { fds, sockets, fdLimit } = file;
        return [
          {
            pid,
            rss: pages * pageBytes,
            pss: pssOf(pid, file, tUs),
            fds,
            threads: stat.threads,
            sockets,
            fdLimit,
            nice: Math.max(0, stat.nice),
          },
        ];
      });
    },
    close() {
      for (const { statm } of known.values()) statm.close();
      known.clear();
    },
  };
}

function open(pid: number, tUs: number): Known | null {
  const statm = KeptFile.open(`/proc/${pid}/statm`);
  return statm && { statm, fds: -1, sockets: -1, fdLimit: openFilesLimit(readText(`/proc/${pid}/limits`) ?? ''), nextPssUs: tUs };
}

/** A look at one costs 2 us: with more, only their number is told. */
const MOST_LINKS = 2000;

function openFiles(pid: number): Pick<Known, 'fds' | 'sockets'> {
  const dir = `/proc/${pid}/fd`;
  try {
    const numbers = readdirSync(dir);
    if (numbers.length > MOST_LINKS) return { fds: numbers.length, sockets: -1 };
    return { fds: numbers.length, sockets: numbers.filter((fd) => isSocket(`${dir}/${fd}`)).length };
  } catch {
    return { fds: -1, sockets: -1 };
  }
}

/** Only the kind is looked at: where a file lies is nobody's business. */
function isSocket(link: string): boolean {
  try {
    return readlinkSync(link).startsWith('socket:');
  } catch {
    return false;
  }
}

function pssOf(pid: number, file: Known, tUs: number): number {
  if (tUs < file.nextPssUs) return -1;
  const before = process.hrtime.bigint();
  const text = readText(`/proc/${pid}/smaps_rollup`);
  const tookUs = Number(process.hrtime.bigint() - before) / 1000;
  file.nextPssUs = text === null || tookUs > DEAREST_PSS_US ? Number.POSITIVE_INFINITY : tUs + PSS_EVERY_US;
  const kib = /^Pss: +(\d+) kB$/m.exec(text ?? '')?.[1];
  return kib === undefined ? -1 : Number(kib) * 1024;
}

/** 4 KiB nearly everywhere, 16 or 64 KiB on some arm64 kernels: what Node calculates from the same counter tells. */
function pageSize(): number {
  const pages = Number(readText('/proc/self/statm')?.split(' ')[1]);
  const bytes = process.memoryUsage.rss();
  return pages > 0 ? 2 ** Math.round(Math.log2(bytes / pages)) : 4096;
}
