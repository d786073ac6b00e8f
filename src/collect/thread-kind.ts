/**
 * What a thread of a Node process is for, seen from outside. Tried on Node 18, 20, 22, 24 and 26 (x64, glibc):
 *
 * - Names. 22+ calls pool threads "libuv-worker"; 24+ also "V8Worker", "WorkerThread" (or the worker's own name), "InspectorIo";
 *   26 writes "node-V8Worker". Up to 20 every thread bears the name of the process. A thread started by an addon inherits the name of
 *   the thread that started it: of "libuv-worker", those are not counted that are more than the pool has and began later.
 * - Signal masks. Node starts V8's platform threads while SIGUSR1 is blocked and unblocks it afterwards (node.cc, PlatformInit): a mask
 *   of just that bit means V8 platform on every version. The debugger's signal thread blocks all signals; so does glibc for a moment in
 *   every thread that is being started, which is why that mask says nothing for good.
 * - Where it sleeps. A worker thread with an event loop sleeps in epoll_wait, a pool thread never does. A pool thread sleeps on the one
 *   condition variable of libuv, which lies in the static data of the executable; other waits lie on the heap or on stacks.
 *   Worker threads have a stack of 4 MiB (src/node_worker.h), pool threads of 8 MiB (libuv, threadpool.c), as has the debugger's.
 *
 * - Stacks, for threads that never sleep: when as many 4 MiB stacks as unknown threads are left over, and no 8 MiB stack is, the unknown
 *   are workers. When just one pool's worth of 8 MiB stacks is left over and no pool is known, the unknown that began together are it.
 *
 * The order of creation decides nothing: with an ES module as entry the pool starts before the first worker, with CommonJS whenever it
 * is first used. A thread that is not explained by the above is "other".
 */
export type ThreadKind = 'main' | 'worker' | 'libuv' | 'v8' | 'other';

const SIGUSR1_BIT = 1n << 9n;
const WORKER_STACK_BYTES = 4 << 20;
const DEFAULT_STACK_BYTES = 8 << 20;

/** By name and signal mask; null: neither says. */
export function kindByIdentity(comm: string, blockedSignals: bigint): ThreadKind | null {
  if (comm === 'libuv-worker') return 'libuv';
  if (/^(node-)?V8Worker/.test(comm) || comm.startsWith('DelayedTaskSche') || blockedSignals === SIGUSR1_BIT) return 'v8';
  if (/^(node-)?WorkerThread/.test(comm)) return 'worker';
  if (comm === 'SignalInspector' || comm === 'InspectorIo') return 'other';
  return null;
}

/** One line of /proc/PID/maps that is of use: stacks and static data. */
export interface Mapping {
  start: number;
  end: number;
  /** Static data (initialised or not) of the executable, libnode or libuv. */
  image: boolean;
  /** Right above a page that may not be touched, as thread stacks are. */
  guarded: boolean;
}

/**
 * By what the thread waits for. `syscall`: /proc/PID/task/TID/syscall (x64 and arm64 differ in numbers, not in form); null: no evidence.
 * `mappings` is asked only when it is needed, as reading them costs the most.
 */
export function kindBySleep(syscall: string, arch: string, mappings: () => readonly Mapping[]): ThreadKind | null {
  const fields = syscall.trim().split(' ');
  if (fields.length < 9) return null;
  const number = Number(fields[0]);
  const calls = SYSTEM_CALLS[arch];
  if (!calls) return null;
  const sleepsInLoop = calls.epoll.includes(number);
  if (!sleepsInLoop && number !== calls.futex) return null;
  const maps = mappings();
  const stackPointer = Number(fields[7]);
  const stack = maps.find(({ start, end }) => stackPointer >= start && stackPointer < end);
  const stackBytes = stack ? stack.end - stack.start : 0;
  if (stackBytes === WORKER_STACK_BYTES) return 'worker';
  // A worker may be given another size (resourceLimits.stackSizeMb), but the debugger's loop has the default.
  if (sleepsInLoop) return stackBytes === DEFAULT_STACK_BYTES ? 'other' : 'worker';
  const address = Number(fields[1]);
  const inImage = maps.some(({ image, start, end }) => image && address >= start && address < end);
  return inImage && isConditionWait(Number(fields[2])) ? 'libuv' : null;
}

/**
 * What all `unknown` threads of a Node process are, by the number of stacks; null: they may differ, or nothing is certain. `workers` and
 * `defaults`: known threads with stacks of either size; `poolThreads`: a pool's size if it may be among the unknown, else 0.
 */
export function kindByStacks(
  mappings: readonly Mapping[],
  threads: { unknown: number; workers: number; defaults: number; poolThreads: number },
): ThreadKind | null {
  const stacks = (bytes: number): number => mappings.filter(({ start, end, guarded }) => guarded && end - start === bytes).length;
  const workerStacks = stacks(WORKER_STACK_BYTES) - threads.workers;
  const defaultStacks = stacks(DEFAULT_STACK_BYTES) - threads.defaults;
  if (workerStacks >= threads.unknown && defaultStacks <= 0) return 'worker';
  const onlyPool = threads.unknown === threads.poolThreads && defaultStacks === threads.poolThreads && workerStacks <= 0;
  return onlyPool ? 'libuv' : null;
}

/** `executable`: what /proc/PID/exe points at. */
export function parseMappings(maps: string, executable: string): Mapping[] {
  const found: Mapping[] = [];
  let previous: { end: number; image: boolean; locked: boolean } | null = null;
  for (const line of maps.split('\n')) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) (....) \S+ \S+ \S+ *(.*)$/.exec(line);
    if (!match) continue;
    const [start, end] = [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16)];
    const path = match[4]!;
    const ofImage = path === executable || /\/lib(node|uv)[.-][^/]*$/.test(path);
    // Zero-initialised data has no file behind it: the nameless mapping that follows the image's last one.
    const image: boolean = ofImage || (path === '' && previous !== null && previous.image && previous.end === start);
    const guarded = previous?.locked === true && previous.end === start;
    previous = { end, image, locked: match[3]!.startsWith('---') };
    if (match[3]!.startsWith('rw')) found.push({ start, end, image, guarded });
  }
  return found;
}

interface Calls {
  epoll: readonly number[];
  futex: number;
}

/** epoll_wait, epoll_pwait, epoll_pwait2. */
const SYSTEM_CALLS: Readonly<Record<string, Calls>> = {
  x64: { epoll: [232, 281, 441], futex: 202 },
  arm64: { epoll: [22, 441], futex: 98 },
};

/** FUTEX_WAIT_BITSET, which condition variables use; a contended lock waits with plain FUTEX_WAIT. musl uses that one for both. */
function isConditionWait(operation: number): boolean {
  return (operation & 0x7f) === 9;
}
