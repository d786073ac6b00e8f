import { describe, expect, it } from 'vitest';
import { kindByIdentity, kindBySleep, kindByStacks, type Mapping, parseMappings } from './thread-kind.js';

const SIGUSR1 = 0x200n;
const ALL = 0xfffffffe7ffbfeffn;
const NODE = '/usr/local/bin/node';

// As Node 20 has it: a worker's stack of 4 MiB, a pool thread's of 8, static data with its nameless rest, the heap.
const MAPS = `00400000-04d2a000 r-xp 00000000 fe:00 1311 ${NODE}
05600000-05640000 rw-p 05200000 fe:00 1311 ${NODE}
05640000-0566c000 rw-p 00000000 00:00 0 
18700000-189c3000 rw-p 00000000 00:00 0          [heap]
7f0000000000-7f0000001000 ---p 00000000 00:00 0 
7f0000001000-7f0000401000 rw-p 00000000 00:00 0 
7f0000401000-7f0000402000 ---p 00000000 00:00 0 
7f0000402000-7f0000c02000 rw-p 00000000 00:00 0 
7f0001000000-7f0001400000 rw-p 00000000 00:00 0 
`;
const sleep = (call: number, first: string, second: string, stack: string): string =>
  `${call} ${first} ${second} 0x0 0x0 0x0 0xffffffff ${stack} 0x7fae2aa0\n`;
const maps = (): readonly Mapping[] => parseMappings(MAPS, NODE);
const ON_WORKER_STACK = '0x7f0000300000';
const ON_POOL_STACK = '0x7f0000b00000';
const CONDITION = '0x189';

describe('kind of a thread', () => {
  it.each([
    ['libuv-worker', 0n, 'libuv'],
    ['V8Worker', SIGUSR1, 'v8'],
    ['node-V8Worker', SIGUSR1, 'v8'],
    ['node', SIGUSR1, 'v8'],
    ['WorkerThread', 0n, 'worker'],
    ['InspectorIo', 0n, 'other'],
    ['node', 0n, null],
    ['resize', 0n, null],
    // A thread in the middle of being started, whatever it is going to be.
    ['node', ALL, null],
  ])('%s with blocked signals %s', (comm, blocked, kind) => {
    expect(kindByIdentity(comm, blocked)).toBe(kind);
  });

  it('asleep in a loop: a worker, unless its stack is a default one (the debugger)', () => {
    expect(kindBySleep(sleep(281, '0x13', '0x7f', ON_WORKER_STACK), 'x64', maps)).toBe('worker');
    expect(kindBySleep(sleep(281, '0x13', '0x7f', ON_POOL_STACK), 'x64', maps)).toBe('other');
    expect(kindBySleep(sleep(22, '0x13', '0x7f', ON_WORKER_STACK), 'arm64', maps)).toBe('worker');
  });

  it('asleep on a condition in static data: a pool thread; on a lock there: nothing is said', () => {
    expect(kindBySleep(sleep(202, '0x566000c', CONDITION, ON_POOL_STACK), 'x64', maps)).toBe('libuv');
    expect(kindBySleep(sleep(202, '0x566000c', '0x80', ON_POOL_STACK), 'x64', maps)).toBeNull();
  });

  it('asleep on a condition on the heap: a worker on a worker stack (Atomics.wait), else unknown', () => {
    expect(kindBySleep(sleep(202, '0x18800000', CONDITION, ON_WORKER_STACK), 'x64', maps)).toBe('worker');
    expect(kindBySleep(sleep(202, '0x18800000', CONDITION, ON_POOL_STACK), 'x64', maps)).toBeNull();
  });

  it('running, or in another call: nothing is said and no mappings are read', () => {
    const never = (): never => {
      throw new Error('read');
    };
    expect(kindBySleep('running\n', 'x64', never)).toBeNull();
    expect(kindBySleep(sleep(0, '0x5', '0x7f', ON_POOL_STACK), 'x64', never)).toBeNull();
    expect(kindBySleep(sleep(281, '0x5', '0x7f', ON_POOL_STACK), 'riscv64', never)).toBeNull();
  });

  it('never asleep: told by the stacks that are left over', () => {
    // One stack of each size; the mapping of 4 MiB without a guard page is no stack.
    expect(kindByStacks(maps(), { unknown: 1, workers: 0, defaults: 1, poolThreads: 0 })).toBe('worker');
    expect(kindByStacks(maps(), { unknown: 1, workers: 0, defaults: 0, poolThreads: 0 })).toBeNull();
    expect(kindByStacks(maps(), { unknown: 2, workers: 0, defaults: 1, poolThreads: 0 })).toBeNull();
    expect(kindByStacks(maps(), { unknown: 1, workers: 1, defaults: 0, poolThreads: 1 })).toBe('libuv');
    expect(kindByStacks(maps(), { unknown: 1, workers: 0, defaults: 0, poolThreads: 1 })).toBeNull();
  });
});
