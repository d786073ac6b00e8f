import { parseMachineStat, parseRunnable } from './proc-format.js';
import { KeptFile } from './read.js';
import type { Member } from './tree.js';

export interface MachineRow {
  busyUs: number;
  idleUs: number;
  stealUs: number;
  treeCpuUs: number;
  ddxCpuUs: number;
  runnable: number;
}

export interface MachineSource {
  /** Increments since the last call, null on the first. `threadsCpuUs`: what the stream `threads` has reported so far, all together. */
  tick(members: readonly Member[], threadsCpuUs: number): MachineRow | null;
  close(): void;
}

/** USER_HZ is 100 on every architecture that Node runs on (include/asm-generic/param.h). */
const TICK_US = 10_000;

export function machineSource(): MachineSource | null {
  const file = KeptFile.open('/proc/stat');
  const load = KeptFile.open('/proc/loadavg');
  if (!file) return null;
  const tree = treeCpu();
  let last: { busy: number; idle: number; steal: number; treeUs: number; ddxUs: number } | null = null;
  return {
    tick(members, threadsCpuUs) {
      const stat = parseMachineStat(file.read() ?? '');
      if (!stat) return null;
      const { user, system } = process.cpuUsage();
      const now = { ...stat, treeUs: tree(members, threadsCpuUs), ddxUs: user + system };
      const before = last;
      last = now;
      if (!before) return null;
      return {
        busyUs: Math.max(0, now.busy - before.busy) * TICK_US,
        // The kernel documents that idle and iowait may go backwards.
        idleUs: Math.max(0, now.idle - before.idle) * TICK_US,
        stealUs: Math.max(0, now.steal - before.steal) * TICK_US,
        treeCpuUs: now.treeUs - before.treeUs,
        ddxCpuUs: now.ddxUs - before.ddxUs,
        runnable: parseRunnable(load?.read() ?? ''),
      };
    },
    close() {
      file.close();
      load?.close();
    },
  };
}

/**
 * CPU of the tree since the first call, never falling. Threads give it in nanoseconds but miss what lived and ended between two looks;
 * the counters of processes and their reaped children miss nothing but are cut to 10 ms twice. So: the threads, unless the counters
 * are ahead by more than that.
 */
function treeCpu(): (members: readonly Member[], threadsCpuUs: number) => number {
  let beforeTicks: number | null = null;
  let totalUs = 0;
  return (members, threadsCpuUs) => {
    // An ended child's ticks move to its parent when it is reaped: the sum over the tree stays, with what was there before us.
    const ticks = members.reduce((sum, { stat }) => sum + stat.cpuTicks + stat.childTicks, 0);
    beforeTicks ??= ticks;
    const countedUs = (ticks - beforeTicks) * TICK_US - members.length * 2 * TICK_US;
    totalUs = Math.max(totalUs, threadsCpuUs, countedUs);
    return totalUs;
  };
}
