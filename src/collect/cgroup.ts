import { type CpuQuota, type CpuStat, cpuQuota, memoryLimit, readCpuStat } from './cgroup-files.js';
import { type CgroupMount, groupChain, parseCgroups, parseMounts } from './cgroup-path.js';
import { readText } from './read.js';

export interface CgroupRow {
  periods: number;
  throttledPeriods: number;
  throttledUs: number;
}

export interface CgroupSource {
  /** Finds the group of `pid` anew: a launcher may move the process after it was started. */
  resolve(pid: number): void;
  /** Increments since the last call. Zeros: no quota, or a group just found. Null: the group can no longer be read. */
  tick(): CgroupRow | null;
  quotaCores(): number | null;
  memoryBytes(): number | null;
}

const NOTHING: CgroupRow = { periods: 0, throttledPeriods: 0, throttledUs: 0 };

/** Null where no hierarchy with the cpu controller is mounted; `machineBytes`: above it a memory limit is none. */
export function cgroupSource(pid: number, machineBytes: number): CgroupSource | null {
  const mounts = parseMounts(readText('/proc/self/mountinfo') ?? '');
  if (!groupChain('cpu', mounts, groupsOf(pid))) return null;
  let quota: CpuQuota | null = null;
  let last: CpuStat | null = null;
  let memoryBytes: number | null = null;
  const source: CgroupSource = {
    resolve(pid) {
      const groups = groupsOf(pid);
      // The process has ended: what was found last stays true of the recording.
      if (groups.size === 0) return;
      const found = chainOf('cpu', mounts, groups, cpuQuota);
      if (found?.dir !== quota?.dir) last = null;
      quota = found;
      memoryBytes = chainOf('memory', mounts, groups, (chain) => memoryLimit(chain, machineBytes));
    },
    tick() {
      if (!quota) return NOTHING;
      const now = readCpuStat(quota);
      const before = last ?? now;
      last = now;
      if (!now || !before) return null;
      return {
        periods: now.periods - before.periods,
        throttledPeriods: now.throttledPeriods - before.throttledPeriods,
        throttledUs: now.throttledUs - before.throttledUs,
      };
    },
    quotaCores: () => quota?.cores ?? null,
    memoryBytes: () => memoryBytes,
  };
  source.resolve(pid);
  return source;
}

function groupsOf(pid: number): Map<string, string> {
  return parseCgroups(readText(`/proc/${pid}/cgroup`) ?? '');
}

function chainOf<T>(
  controller: string,
  mounts: readonly CgroupMount[],
  groups: ReadonlyMap<string, string>,
  read: (chain: NonNullable<ReturnType<typeof groupChain>>) => T | null,
): T | null {
  const chain = groupChain(controller, mounts, groups);
  return chain && read(chain);
}
