/** Readings of Linux /proc text, kept free of I/O. Formats: man 5 proc, Documentation/scheduler/sched-stats.rst. */

/** /proc/PID/task/TID/schedstat: time on a core, time runnable without one, how often it was put on one; since the thread began. */
export function parseSchedstat(text: string): { cpuNs: number; runqNs: number; runs: number } | null {
  const match = /^(\d+) (\d+) (\d+)/.exec(text);
  return match ? { cpuNs: Number(match[1]), runqNs: Number(match[2]), runs: Number(match[3]) } : null;
}

export interface ProcessStat {
  state: string;
  ppid: number;
  /** Own and of ended, reaped children; clock ticks of 10 ms. Includes threads that ended. */
  cpuTicks: number;
  childTicks: number;
  threads: number;
  /** -20..19, of the main thread; higher means less of a core where others want it. */
  nice: number;
  /** Clock ticks since boot; with the pid it names one process for good. */
  startTicks: number;
}

/** /proc/PID/stat. The name in parentheses may itself hold spaces and parentheses: the last ")" ends it. */
export function parseStat(text: string): ProcessStat | null {
  const end = text.lastIndexOf(')');
  if (end < 0) return null;
  const fields = text.slice(end + 2).split(' ');
  const at = (field: number): number => Number(fields[field - 3]);
  const stat = {
    state: fields[0] ?? '',
    ppid: at(4),
    cpuTicks: at(14) + at(15),
    childTicks: at(16) + at(17),
    threads: at(20),
    nice: at(19),
    startTicks: at(22),
  };
  return Number.isFinite(stat.startTicks) && Number.isFinite(stat.ppid) ? stat : null;
}

/** The value of one line of /proc/PID/status ("Cpus_allowed_list:\t0-1"), or null. */
export function statusField(text: string, name: string): string | null {
  const start = text.startsWith(`${name}:`) ? 0 : text.indexOf(`\n${name}:`) + 1;
  if (start === 0 && !text.startsWith(`${name}:`)) return null;
  const end = text.indexOf('\n', start);
  return text.slice(start + name.length + 1, end < 0 ? undefined : end).trim();
}

/** How many CPUs a list like "0-3,8,10-11" names; 0 when it is not such a list. */
export function countCpus(list: string): number {
  let count = 0;
  for (const part of list.trim().split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) return 0;
    count += Number(match[2] ?? match[1]) - Number(match[1]) + 1;
  }
  return count;
}

/** /proc/stat: since boot, in clock ticks of 10 ms summed over CPUs. */
export function parseMachineStat(text: string): { busy: number; idle: number; steal: number } | null {
  const cpu = /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').map(Number);
  if (!cpu || cpu.length < 4) return null;
  // Guest time is already part of user, guest_nice of nice.
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = cpu;
  return { busy: user + nice + system + irq + softirq, idle: idle + iowait, steal };
}

/** /proc/loadavg: threads running or ready at this moment, as procs_running of /proc/stat, which lies behind a line of any length; -1 unknown. */
export function parseRunnable(text: string): number {
  return Number(/ (\d+)\/\d+ /.exec(text)?.[1] ?? -1);
}

/** Of a process environment (NUL-separated) only this one variable is looked at. As libuv reads it: atoi, 0 becomes 1, at most 1024. */
export function poolThreadsOf(environ: string): number | null {
  const name = 'UV_THREADPOOL_SIZE=';
  const start = environ.startsWith(name) ? 0 : environ.indexOf(`\0${name}`) + 1;
  if (start === 0 && !environ.startsWith(name)) return null;
  const size = Number.parseInt(environ.slice(start + name.length, start + name.length + 12), 10);
  return Math.min(1024, Math.max(1, Number.isNaN(size) ? 1 : size));
}

/** /proc/PID/limits: the soft limit of open files; -1 where there is none or it cannot be read. */
export function openFilesLimit(limits: string): number {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  return soft === undefined || soft === 'unlimited' ? -1 : Number(soft);
}
