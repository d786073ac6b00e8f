import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cpuQuota, memoryLimit, parseCpuMax, parseCpuStat } from './cgroup-files.js';
import { groupChain, parseCgroups, parseMounts } from './cgroup-path.js';

const V1 = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;
const V1_GROUPS = '5:memory:/app\n2:cpu,cpuacct:/app/web\n0::/init.scope\n';
const V2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n';

const scratch = mkdtempSync(join(tmpdir(), 'ddx-cgroup-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function files(contents: Record<string, string>): string {
  const dir = mkdtempSync(join(scratch, 'tree-'));
  for (const [name, text] of Object.entries(contents)) {
    const path = join(dir, name);
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return dir;
}

describe('where a cgroup lies', () => {
  it('v1: the hierarchy that has the controller, group first, then its ancestors', () => {
    const chain = groupChain('cpu', parseMounts(V1), parseCgroups(V1_GROUPS));
    const top = '/sys/fs/cgroup/cpu,cpuacct';
    expect(chain).toEqual({ version: 1, dirs: [`${top}/app/web`, `${top}/app`, top] });
    expect(groupChain('memory', parseMounts(V1), parseCgroups(V1_GROUPS))?.dirs[0]).toBe('/sys/fs/cgroup/memory/app');
  });

  it('hybrid: a controller that v1 does not have is in the unified hierarchy', () => {
    expect(groupChain('io', parseMounts(V1), parseCgroups(V1_GROUPS))?.dirs[0]).toBe('/sys/fs/cgroup/unified/init.scope');
  });

  it('v2: one hierarchy', () => {
    const chain = groupChain('cpu', parseMounts(V2), parseCgroups('0::/system.slice/web.service\n'));
    expect(chain?.version).toBe(2);
    expect(chain?.dirs[0]).toBe('/sys/fs/cgroup/system.slice/web.service');
    expect(chain?.dirs).toHaveLength(3);
  });

  it('in a container: the mount shows only a part of the hierarchy', () => {
    const mounted = '900 880 0:29 /docker/1f3c /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n';
    const top = '/sys/fs/cgroup/cpu';
    expect(groupChain('cpu', parseMounts(mounted), parseCgroups('2:cpu:/docker/1f3c/web\n'))?.dirs).toEqual([`${top}/web`, top]);
    expect(groupChain('cpu', parseMounts(mounted), parseCgroups('2:cpu:/docker/1f3c\n'))?.dirs).toEqual([top]);
    expect(groupChain('cpu', parseMounts(V2), parseCgroups('0::/../../other\n'))?.dirs).toEqual(['/sys/fs/cgroup']);
  });

  it('reads paths with spaces and colons', () => {
    expect(parseMounts('1 2 0:1 / /mnt/a\\040b rw - cgroup2 x rw\n')[0]?.mountPoint).toBe('/mnt/a b');
    expect(parseCgroups('0::/a:b\n').get('')).toBe('/a:b');
  });

  it('has no answer where no cgroups are mounted or the process is gone', () => {
    expect(groupChain('cpu', parseMounts(''), parseCgroups(V1_GROUPS))).toBeNull();
    expect(groupChain('cpu', parseMounts(V2), parseCgroups(''))).toBeNull();
  });
});

describe('what a cgroup limits', () => {
  it('reads cpu.stat of both versions in microseconds', () => {
    expect(parseCpuStat('nr_periods 40\nnr_throttled 12\nthrottled_time 2000500900\n')).toEqual({
      periods: 40,
      throttledPeriods: 12,
      throttledUs: 2_000_500,
    });
    const v2 = 'usage_usec 900\nuser_usec 800\nsystem_usec 100\nnr_periods 40\nnr_throttled 12\nthrottled_usec 77\n';
    expect(parseCpuStat(v2)).toEqual({ periods: 40, throttledPeriods: 12, throttledUs: 77 });
    expect(parseCpuStat('usage_usec 900\nuser_usec 800\n')).toBeNull();
  });

  it('reads cpu.max', () => {
    expect(parseCpuMax('50000 100000\n')).toBe(0.5);
    expect(parseCpuMax('max 100000\n')).toBeNull();
    expect(parseCpuMax('')).toBeNull();
  });

  it('v2: the tightest quota on the way up throttles', () => {
    const dir = files({ 'cpu.max': 'max 100000', 'pod/cpu.max': '100000 100000', 'pod/web/cpu.max': '200000 100000' });
    const chain = { version: 2 as const, dirs: [join(dir, 'pod/web'), join(dir, 'pod'), dir] };
    expect(cpuQuota(chain)).toEqual({ dir: join(dir, 'pod'), cores: 1 });
    expect(cpuQuota({ version: 2, dirs: [dir] })).toBeNull();
  });

  it('v1: a quota of -1 is none', () => {
    const dir = files({
      'cpu.cfs_quota_us': '-1',
      'cpu.cfs_period_us': '100000',
      'web/cpu.cfs_quota_us': '20000',
      'web/cpu.cfs_period_us': '100000',
    });
    expect(cpuQuota({ version: 1, dirs: [dir] })).toBeNull();
    expect(cpuQuota({ version: 1, dirs: [join(dir, 'web'), dir] })?.cores).toBe(0.2);
  });

  it('the lowest memory limit, where it is below what the machine has', () => {
    const machineBytes = 2 ** 31;
    const v1 = files({ 'memory.limit_in_bytes': '9223372036854771712', 'web/memory.limit_in_bytes': '536870912' });
    expect(memoryLimit({ version: 1, dirs: [join(v1, 'web'), v1] }, machineBytes)).toBe(536870912);
    expect(memoryLimit({ version: 1, dirs: [v1] }, machineBytes)).toBeNull();
    expect(memoryLimit({ version: 2, dirs: [files({ 'memory.max': 'max' })] }, machineBytes)).toBeNull();
  });
});
