import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, getPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { STREAMS, type StreamName } from '../model/recording.js';
import { type Collecting, startCollecting } from './collect.js';

const linux = process.platform === 'linux';
const children: ChildProcess[] = [];
const watches: Collecting[] = [];

afterEach(async () => {
  for (const watch of watches.splice(0)) watch.stop();
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
});

describe('without /proc', () => {
  it('every source says why it is absent, and limits fall back', () => {
    process.env.DDX_NO_PROC = '1';
    try {
      const { watch, rows } = watching(process.pid);
      expect(watch.sources.map(({ name }) => name)).toEqual(['threads', 'process', 'machine', 'cgroup']);
      for (const source of watch.sources) expect(source).toMatchObject({ active: false, because: expect.stringContaining('DDX_NO_PROC') });
      expect(watch.limits()).toEqual({ quotaCores: null, memoryBytes: null, usableCores: availableParallelism(), poolThreads: 4 });
      expect(rows('machine')).toEqual([]);
    } finally {
      delete process.env.DDX_NO_PROC;
    }
  });
});

describe.runIf(linux)('a live target', () => {
  it('that ended before is a reason, not a failure', async () => {
    const child = node('');
    await new Promise((resolve) => child.once('exit', resolve));
    const { watch } = watching(child.pid!);
    expect(watch.sources.every(({ active, because }) => !active && because !== undefined)).toBe(true);
  });

  it('shows its threads by kind, and their time adds up', { timeout: 60_000 }, async () => {
    const child = node(`
      const { Worker } = require('node:worker_threads');
      const { pbkdf2 } = require('node:crypto');
      new Worker('for (;;);', { eval: true });
      new Worker('setInterval(() => {}, 1000)', { eval: true });
      require('node:fs').stat('.', () => {});
      setTimeout(() => setInterval(() => pbkdf2('a', 'b', 2000, 20, 'sha1', () => {}), 20), 1500);
    `);
    await delay(800);
    const { watch, rows, pids, word } = watching(child.pid!);
    await until(() => watch.limits().poolThreads === 4 && rows('threads').some(({ tid, kind }) => tid > 0 && word(kind) === 'libuv'));
    await until(() => rows('machine').length >= 10);
    watch.stop();
    expect(pids[0]).toBe(child.pid);

    const kinds = new Map<number, string>();
    for (const { tid, kind } of rows('threads')) kinds.set(tid, word(kind));
    const count = (kind: string): number => [...kinds.values()].filter((each) => each === kind).length;
    expect(kinds.get(child.pid!)).toBe('main');
    expect({ worker: count('worker'), libuv: count('libuv') }).toEqual({ worker: 2, libuv: 4 });
    expect(count('v8')).toBeGreaterThanOrEqual(4);
    expect(count('other')).toBeLessThanOrEqual(1);

    const sums = new Map<number, { cpuUs: number; runqUs: number; involSwitches: number }>();
    for (const { tid, cpuUs, runqUs, involSwitches } of rows('threads')) {
      const sum = sums.get(tid) ?? { cpuUs: 0, runqUs: 0, involSwitches: 0 };
      sums.set(tid, { cpuUs: sum.cpuUs + cpuUs, runqUs: sum.runqUs + runqUs, involSwitches: sum.involSwitches + involSwitches });
    }
    // A thread that never sleeps either runs or waits for a core, at every moment.
    const machine = rows('machine');
    const times = rows('process').map(({ tUs }) => tUs);
    const wallUs = times.at(-1)! - times[0]!;
    const spinner = [...sums.values()].sort((a, b) => b.cpuUs + b.runqUs - a.cpuUs - a.runqUs)[0]!;
    expect((spinner.cpuUs + spinner.runqUs) / wallUs).toBeGreaterThan(0.85);
    expect((spinner.cpuUs + spinner.runqUs) / wallUs).toBeLessThan(1.15);
    expect(spinner.involSwitches).toBeGreaterThan(0);

    const total = (pick: (row: (typeof machine)[number]) => number): number => machine.reduce((sum, row) => sum + pick(row), 0);
    const threadsUs = [...sums.values()].reduce((sum, { cpuUs }) => sum + cpuUs, 0);
    expect(total((row) => row.treeCpuUs)).toBeGreaterThanOrEqual(threadsUs * 0.95);
    expect(total((row) => row.treeCpuUs)).toBeLessThan(threadsUs * 1.1 + 100_000);
    expect(total((row) => row.ddxCpuUs)).toBeGreaterThan(0);
    expect(total((row) => row.busyUs)).toBeGreaterThan(threadsUs * 0.8);

    const last = rows('process').at(-1)!;
    expect(last.rss).toBeGreaterThan(20 << 20);
    expect(last.rss).toBeLessThan(2 ** 31);
    expect(last.fds).toBeGreaterThan(3);
    expect(last.sockets).toBeGreaterThanOrEqual(0);
    expect(last.sockets).toBeLessThan(last.fds!);
    expect(last.fdLimit).toBeGreaterThan(last.fds!);
    expect(last.nice).toBe(Math.max(0, getPriority()));
    expect(last.threads).toBe(kinds.size);
  });

  it('shows children that come later, and reports their CPU though they ended', { timeout: 60_000 }, async () => {
    const child = node(`
      const { spawn } = require('node:child_process');
      const burn = 'const end = process.cpuUsage().user + 300000; while (process.cpuUsage().user < end);';
      const next = () => spawn(process.execPath, ['-e', burn]).on('exit', () => setTimeout(next, 20));
      setTimeout(next, 500);
    `);
    await delay(200);
    const { watch, rows, pids } = watching(child.pid!);
    await until(() => pids.length > 1 && rows('machine').reduce((sum, { treeCpuUs }) => sum + treeCpuUs, 0) > 1_000_000);
    expect(watch.tree()[0]).toBe(child.pid);
    child.kill('SIGKILL');
  });

  it.runIf(existsSync('/usr/bin/taskset'))('is told by its affinity and its environment, not by ours', async () => {
    const child = spawn('/usr/bin/taskset', ['-c', '0', process.execPath, '-e', 'setTimeout(() => {}, 60000)'], {
      env: { ...process.env, UV_THREADPOOL_SIZE: '7' },
    });
    children.push(child);
    await until(() => readFileSync(`/proc/${child.pid}/cmdline`, 'latin1').startsWith(process.execPath));
    expect(watching(child.pid!).watch.limits()).toMatchObject({ usableCores: 1, poolThreads: 7 });
  });

  it('may end while it is watched', async () => {
    const child = node('setTimeout(() => {}, 400)');
    await delay(150);
    const { watch, rows } = watching(child.pid!);
    await new Promise((resolve) => child.once('exit', resolve));
    await delay(500);
    expect(watch.tree()).toEqual([]);
    expect(watch.limits()).toMatchObject({ poolThreads: 4 });
    watch.stop();
    expect(rows('process').length).toBeGreaterThan(0);
  });

  it('without a quota says so in rows of zeros', async () => {
    const { watch, rows } = watching(process.pid);
    if (!watch.sources.find(({ name }) => name === 'cgroup')?.active || watch.limits().quotaCores !== null) return;
    expect(rows('cgroup')).toMatchObject([{ periods: 0, throttledPeriods: 0, throttledUs: 0 }]);
  });

  const group = '/sys/fs/cgroup/cpu';
  const because = noQuotaBecause(group);
  it.skipIf(because !== null)(
    `is throttled by a quota it was moved under after its start (needs cgroup v1${because ? `: ${because}` : ''})`,
    { timeout: 60_000 },
    async () => {
      const dir = join(group, `ddx-test-${process.pid}`);
      mkdirSync(dir);
      try {
        writeFileSync(join(dir, 'cpu.cfs_period_us'), '100000');
        writeFileSync(join(dir, 'cpu.cfs_quota_us'), '20000');
        const child = node('for (;;);');
        const { watch, rows } = watching(child.pid!);
        expect(watch.limits().quotaCores).toBeNull();
        await delay(400);
        writeFileSync(join(dir, 'cgroup.procs'), String(child.pid));
        await until(() => rows('cgroup').reduce((sum, { throttledPeriods }) => sum + throttledPeriods, 0) >= 5);
        expect(watch.limits().quotaCores).toBe(0.2);
        const throttled = rows('cgroup').filter(({ throttledPeriods }) => throttledPeriods > 0);
        for (const row of throttled) expect(row.periods).toBeGreaterThanOrEqual(row.throttledPeriods);
        expect(throttled.some(({ throttledUs }) => throttledUs > 0)).toBe(true);
        child.kill('SIGKILL');
        await until(() => readFileSync(join(dir, 'cgroup.procs'), 'utf8').trim() === '');
      } finally {
        for (const child of children) child.kill('SIGKILL');
        await until(() => readFileSync(join(dir, 'cgroup.procs'), 'utf8').trim() === '');
        rmdirSync(dir);
      }
    },
  );
});

type Row<S extends StreamName> = Record<(typeof STREAMS)[S][number], number>;

function watching(pid: number) {
  const words: string[] = [];
  const pids: number[] = [];
  const emitted: { stream: StreamName; rows: Float64Array }[] = [];
  const indexIn = <T>(list: T[], item: T): number => (list.includes(item) ? list.indexOf(item) : list.push(item) - 1);
  const watch = startCollecting({
    pid,
    originUs: Number(process.hrtime.bigint() / 1000n),
    procOf: (each) => indexIn(pids, each),
    strings: (text) => indexIn(words, text),
    emit: (stream, rows) => emitted.push({ stream, rows }),
  });
  watches.push(watch);
  const rows = <S extends StreamName>(stream: S): Row<S>[] => {
    const columns = STREAMS[stream];
    return emitted
      .filter((each) => each.stream === stream)
      .flatMap(({ rows: flat }) => {
        expect(flat.length % columns.length).toBe(0);
        return Array.from({ length: flat.length / columns.length }, (_, row) => {
          const values = columns.map((name, column) => [name, flat[row * columns.length + column]!] as const);
          for (const [name, value] of values) expect([name, Number.isInteger(value) && value >= -1]).toEqual([name, true]);
          return Object.fromEntries(values) as Row<S>;
        });
      });
  };
  return { watch, rows, pids, word: (index: number): string => words[index] ?? '' };
}

function node(script: string): ChildProcess {
  const { UV_THREADPOOL_SIZE: _, NODE_OPTIONS: __, ...env } = process.env;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore', env });
  children.push(child);
  return child;
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 25_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error('it did not happen within 25 s');
    await delay(100);
  }
}

function noQuotaBecause(dir: string): string | null {
  if (!existsSync(join(dir, 'cpu.cfs_quota_us')) && !existsSync(join(dir, 'cpu.shares'))) return `no ${dir}`;
  try {
    accessSync(dir, constants.W_OK);
    return process.getuid?.() === 0 ? null : 'not root';
  } catch {
    return `${dir} is not writable`;
  }
}
