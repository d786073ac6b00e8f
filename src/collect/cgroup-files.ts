import { join } from 'node:path';
import type { GroupChain } from './cgroup-path.js';
import { readText } from './read.js';

export interface CpuQuota {
  dir: string;
  cores: number;
}

export interface CpuStat {
  periods: number;
  throttledPeriods: number;
  throttledUs: number;
}

/** The tightest CPU quota on the way up (it is the one that throttles); of equal ones the nearest. Null: nothing limits. */
export function cpuQuota(chain: GroupChain): CpuQuota | null {
  let tightest: CpuQuota | null = null;
  for (const dir of chain.dirs) {
    const cores = chain.version === 1 ? quotaV1(dir) : parseCpuMax(readText(join(dir, 'cpu.max')) ?? '');
    if (cores !== null && (!tightest || cores < tightest.cores)) tightest = { dir, cores };
  }
  return tightest;
}

/** The lowest memory limit on the way up in bytes, or null where none is below what the machine has. */
export function memoryLimit(chain: GroupChain, machineBytes: number): number | null {
  const file = chain.version === 1 ? 'memory.limit_in_bytes' : 'memory.max';
  // "max", and v1's "no limit" of nearly 2^63, lie above any machine.
  const limits = chain.dirs.map((dir) => Number.parseInt(readText(join(dir, file)) ?? '', 10)).filter((bytes) => bytes < machineBytes);
  return limits.length > 0 ? Math.min(...limits) : null;
}

export function readCpuStat(quota: CpuQuota): CpuStat | null {
  const text = readText(join(quota.dir, 'cpu.stat'));
  return text === null ? null : parseCpuStat(text);
}

/** cpu.stat of either version: v1 counts `throttled_time` in ns, v2 `throttled_usec`. Null where bandwidth is not accounted. */
export function parseCpuStat(text: string): CpuStat | null {
  const values = new Map(text.split('\n').map((line) => line.split(' ') as [string, string]));
  const periods = Number(values.get('nr_periods'));
  const throttledPeriods = Number(values.get('nr_throttled'));
  const usec = values.get('throttled_usec');
  const throttledUs = Math.floor(usec === undefined ? Number(values.get('throttled_time')) / 1000 : Number(usec));
  return Number.isFinite(periods + throttledPeriods + throttledUs) ? { periods, throttledPeriods, throttledUs } : null;
}

/** v2 cpu.max, "50000 100000" or "max 100000": cores, or null without a quota. */
export function parseCpuMax(text: string): number | null {
  const match = /^(\d+) (\d+)/.exec(text);
  return match ? Number(match[1]) / Number(match[2]) : null;
}

function quotaV1(dir: string): number | null {
  const quotaUs = Number.parseInt(readText(join(dir, 'cpu.cfs_quota_us')) ?? '', 10);
  const periodUs = Number.parseInt(readText(join(dir, 'cpu.cfs_period_us')) ?? '', 10);
  return quotaUs > 0 && periodUs > 0 ? quotaUs / periodUs : null;
}
