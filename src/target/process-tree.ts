import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  pid: number;
  ppid: number;
  /** Session id; 0 where it is not known. */
  session: number;
  /** Tells a process from a later one with the same pid. */
  startId: string;
}

/**
 * The process `root`, its descendants, and what was started in its session and then orphaned. `root` leads a session of its own.
 * Empty where it is gone or the system does not show processes.
 */
export function processTree(root: number): ProcessEntry[] {
  return treeOf(root, allProcesses());
}

/** Exported for tests: the same from a given list. */
export function treeOf(root: number, all: readonly ProcessEntry[]): ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of all) {
    const siblings = children.get(entry.ppid);
    if (siblings) siblings.push(entry);
    else children.set(entry.ppid, [entry]);
  }
  const found = new Map<number, ProcessEntry>();
  const visit = (entry: ProcessEntry) => {
    if (found.has(entry.pid)) return;
    found.set(entry.pid, entry);
    for (const child of children.get(entry.pid) ?? []) visit(child);
  };
  for (const entry of all) if (entry.pid === root || entry.session === root) visit(entry);
  return [...found.values()].sort((a, b) => a.pid - b.pid);
}

/** Those that still run; a pid that now belongs to another process does not count. */
export function stillRunning(entries: readonly ProcessEntry[]): ProcessEntry[] {
  const now = process.platform === 'linux' ? null : new Map(allProcesses().map((entry) => [entry.pid, entry]));
  return entries.filter((entry) => (now ? now.get(entry.pid) : readEntry(entry.pid))?.startId === entry.startId);
}

export function isSameProcess(entry: ProcessEntry): boolean {
  return stillRunning([entry]).length > 0;
}

function allProcesses(): ProcessEntry[] {
  if (process.platform === 'linux')
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readEntry(Number(name)) ?? []) : []));
  if (process.platform === 'win32') return [];
  try {
    return parsePs(
      execFileSync('ps', ['-Ao', 'pid=,ppid=,stat=,lstart='], { encoding: 'utf8', timeout: 2000, stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  } catch {
    return [];
  }
}

function readEntry(pid: number): ProcessEntry | null {
  try {
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/** /proc/PID/stat: the name is in brackets and may itself hold brackets and spaces. Null for a zombie: it is as good as gone. */
export function parseProcStat(text: string): ProcessEntry | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const pid = Number.parseInt(text, 10);
  if (!Number.isInteger(pid) || fields.length < 20 || fields[0] === 'Z' || fields[0] === 'X') return null;
  return { pid, ppid: Number(fields[1]), session: Number(fields[3]), startId: fields[19]! };
}

/** "  501   1 Ss  Mon Nov 21 12:00:00 2026" per line; zombies are left out. */
export function parsePs(text: string): ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+([^\sZ]\S*)\s+(\S.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), ppid: Number(match[2]), session: 0, startId: match[4]! }] : [];
  });
}
