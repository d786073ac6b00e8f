import { readdirSync } from 'node:fs';
import { type ProcessStat, parseStat } from './proc-format.js';
import { readText } from './read.js';

export interface Member {
  readonly pid: number;
  stat: ProcessStat;
}

export interface ProcessTree {
  /** Alive now, root first, parents before their children. */
  members(): readonly Member[];
  /** Reads the counters of all members; with `scan`, looks for new ones. */
  refresh(scan: boolean): void;
}

/**
 * The root and its descendants. There is no cheap list of children (task/TID/children needs a kernel option), so parents are read from
 * /proc/PID/stat: of every process once, since a process that is no descendant never becomes one. One whose parent ended stays a member.
 */
export function processTree(root: number): ProcessTree {
  const members = new Map<number, Member>();
  let strangers = new Set<number>();

  return {
    members: () => [...members.values()],
    refresh(scan) {
      for (const [pid, member] of members) {
        const stat = readStat(pid);
        // A zombie has nothing left to observe, but its CPU is in nobody else's account until it is reaped.
        if (stat && stat.startTicks === member.stat.startTicks) member.stat = stat;
        else members.delete(pid);
      }
      if (!scan) return;
      if (!members.has(root)) admit(root);
      const unknown = new Map<number, ProcessStat>();
      const seen = new Set<number>();
      for (const name of readdirSync('/proc')) {
        const pid = Number(name);
        if (!(pid > 0) || members.has(pid)) continue;
        seen.add(pid);
        const stat = strangers.has(pid) ? null : readStat(pid);
        if (stat) unknown.set(pid, stat);
      }
      adopt(unknown);
      // The ids of ended processes are used again.
      strangers = new Set([...seen].filter((pid) => !members.has(pid)));
    },
  };

  function admit(pid: number): void {
    const stat = readStat(pid);
    if (stat) members.set(pid, { pid, stat });
  }

  function adopt(unknown: Map<number, ProcessStat>): void {
    for (let grown = true; grown; ) {
      grown = false;
      for (const [pid, stat] of unknown) {
        if (!members.has(stat.ppid)) continue;
        members.set(pid, { pid, stat });
        unknown.delete(pid);
        grown = true;
      }
    }
  }
}

function readStat(pid: number): ProcessStat | null {
  const text = readText(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}
