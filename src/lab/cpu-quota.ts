import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface CpuQuota {
  /** The command, run by a shell that joins the group first and then becomes the command. */
  wrap(command: readonly string[]): string[];
  /** Waits until the group is empty and removes it. */
  remove(): Promise<void>;
}

// The kernel's default period (Documentation/scheduler/sched-bwc.rst); container runtimes keep it.
const PERIOD_US = 100_000;
let made = 0;

/** A cgroup of our own with a CPU quota of `cores`: v1 (cpu.cfs_quota_us) or v2 (cpu.max). Needs root. */
export function createCpuQuota(cores: number): CpuQuota {
  const home = cpuCgroupHome();
  if (!home) throw new Error('no writable CPU cgroup on this machine');
  const dir = join(home.path, `ddx-lab-${process.pid}-${made++}`);
  mkdirSync(dir);
  if (home.version === 1) {
    writeFileSync(join(dir, 'cpu.cfs_period_us'), String(PERIOD_US));
    writeFileSync(join(dir, 'cpu.cfs_quota_us'), String(Math.round(cores * PERIOD_US)));
  } else {
    writeFileSync(join(dir, 'cpu.max'), `${Math.round(cores * PERIOD_US)} ${PERIOD_US}`);
  }
  const procs = join(dir, 'cgroup.procs');
  return {
    wrap: (command) => ['sh', '-c', 'echo $$ > "$0" && exec "$@"', procs, ...command],
    async remove() {
      for (let i = 0; i < 100 && readFileSync(procs, 'utf8').trim() !== ''; i++) await delay(20);
      rmdirSync(dir);
    },
  };
}

/** Where groups with a CPU quota can be made, or null. */
export function cpuCgroupHome(): { path: string; version: 1 | 2 } | null {
  for (const path of ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct']) {
    if (existsSync(join(path, 'cpu.cfs_quota_us')) || existsSync(join(path, 'cpu.shares'))) return { path, version: 1 };
  }
  const path = '/sys/fs/cgroup';
  const control = join(path, 'cgroup.subtree_control');
  if (!existsSync(control)) return null;
  try {
    if (!readFileSync(control, 'utf8').includes('cpu')) writeFileSync(control, '+cpu');
    return { path, version: 2 };
  } catch {
    return null;
  }
}
