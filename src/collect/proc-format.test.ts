import { describe, expect, it } from 'vitest';
import {
  countCpus,
  openFilesLimit,
  parseMachineStat,
  parseRunnable,
  parseSchedstat,
  parseStat,
  poolThreadsOf,
  statusField,
} from './proc-format.js';

const STAT =
  '4711 (a) (b c) S 4242 4711 4242 34816 4711 4194304 9 0 0 0 250 31 7 2 20 0 11 0 385070 1143586816 11412 18446744073709551615 1 1 0 0 0 0 0 4096 134234626 0 0 0 17 1 0 0 0 0 0\n';

describe('/proc text', () => {
  it('reads a schedstat, and nothing else as one', () => {
    expect(parseSchedstat('762575 200168 4\n')).toEqual({ cpuNs: 762575, runqNs: 200168, runs: 4 });
    expect(parseSchedstat('')).toBeNull();
    expect(parseSchedstat('0 0')).toBeNull();
  });

  it('reads a stat whose name holds parentheses and spaces', () => {
    expect(parseStat(STAT)).toEqual({ state: 'S', ppid: 4242, cpuTicks: 281, childTicks: 9, threads: 11, nice: 0, startTicks: 385070 });
  });

  it('refuses a stat that was cut off', () => {
    expect(parseStat('')).toBeNull();
    expect(parseStat('4711 (node) S 42')).toBeNull();
  });

  it('reads the limit of open files', () => {
    const limits =
      'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \n';
    expect(openFilesLimit(limits)).toBe(1024);
    expect(openFilesLimit(limits.replace('1024     ', 'unlimited'))).toBe(-1);
    expect(openFilesLimit('')).toBe(-1);
  });

  it('finds a status field by its whole name', () => {
    const status = 'Name:\tnode\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n';
    expect(statusField(status, 'Name')).toBe('node');
    expect(statusField(status, 'voluntary_ctxt_switches')).toBe('12');
    expect(statusField(status, 'nonvoluntary_ctxt_switches')).toBe('3');
    expect(statusField(status, 'Cpus_allowed_list')).toBeNull();
  });

  it('counts the CPUs of a list', () => {
    expect(countCpus('0-3,8,10-11\n')).toBe(7);
    expect(countCpus('5')).toBe(1);
    expect(countCpus('')).toBe(0);
    expect(countCpus('all')).toBe(0);
  });

  it('adds up the machine: guest time is not counted twice', () => {
    expect(parseMachineStat('cpu  100 10 50 1000 20 3 4 7 60 6\ncpu0 1 1 1 1\n')).toEqual({ busy: 167, idle: 1020, steal: 7 });
    expect(parseMachineStat('intr 1 2 3\n')).toBeNull();
  });

  it('reads how many threads are runnable', () => {
    expect(parseRunnable('4.35 3.06 1.94 7/512 30123\n')).toBe(7);
    expect(parseRunnable('')).toBe(-1);
  });

  it.each([
    ['PATH=/bin\0UV_THREADPOOL_SIZE=16\0HOME=/\0', 16],
    ['UV_THREADPOOL_SIZE=2', 2],
    ['A=1\0UV_THREADPOOL_SIZE=0\0', 1],
    ['A=1\0UV_THREADPOOL_SIZE=many\0', 1],
    ['A=1\0UV_THREADPOOL_SIZE=99999\0', 1024],
    ['MY_UV_THREADPOOL_SIZE=16\0', null],
    ['', null],
  ])('reads the pool size of %j as libuv does', (environ, size) => {
    expect(poolThreadsOf(environ)).toBe(size);
  });
});
