import { availableParallelism, totalmem } from 'node:os';
import { STREAMS, type StreamName } from '../model/recording.js';
import { type CgroupSource, cgroupSource } from './cgroup.js';
import { configuredPoolThreads, DEFAULT_POOL_THREADS, usableCoresOf } from './limits.js';
import { type MachineSource, machineSource } from './machine.js';
import { parseSchedstat } from './proc-format.js';
import { type ProcessSource, processSource } from './process.js';
import { readText } from './read.js';
import { type ThreadSource, threadSource } from './threads.js';
import { type ProcessTree, processTree } from './tree.js';

export interface CollectOptions {
  /** Root of the target's process tree. */
  pid: number;
  /** hrtime of the recording's zero. */
  originUs: number;
  /** Index in documents.processes; may register a child. */
  procOf(pid: number): number;
  strings(text: string): number;
  /** Rows lie one after the other, columns in the order of STREAMS[stream]. */
  emit(stream: StreamName, rows: Float64Array): void;
}

export interface Limits {
  quotaCores: number | null;
  memoryBytes: number | null;
  usableCores: number;
  poolThreads: number;
}

export interface Collecting {
  /** threads, process, machine, cgroup: what is watched, and why the rest is not. */
  sources: { name: string; active: boolean; because?: string }[];
  /** As last known; also after the target's end. */
  limits(): Limits;
  /** Pids of the target's tree now, root first. */
  tree(): readonly number[];
  /** Takes a last sample. */
  stop(): void;
}

const INTERVAL_MS = 200;
/** Looks that cost more than the counters: new processes, context switches, open files. */
const SELDOM_US = 1e6;
const LIMITS_EVERY_US = 2e6;
/** A launcher moves its process into a group within moments, if at all. */
const LAUNCH_US = 2e6;
/** Of one core, however large the tree is; but where nobody gets a core, ddx among them, it goes on looking. */
const MOST_COST = 0.05;
const LONGEST_PAUSE_US = 1e6;

/**
 * Watches the target from outside, five times a second. Nothing runs in the target, nothing is thrown; what cannot be seen is a source
 * with a reason. DDX_NO_PROC=1 makes it see nothing, as on macOS (for tests).
 */
export function startCollecting(options: CollectOptions): Collecting {
  const blind = whyBlind(options.pid);
  if (blind !== null) return unseeing(options.pid, blind);
  const watch = new Watch(options);
  return { sources: watch.sources, limits: () => watch.limits(), tree: () => watch.tree(), stop: () => watch.stop() };
}

function whyBlind(pid: number): string | null {
  if (process.env.DDX_NO_PROC === '1') return 'DDX_NO_PROC=1 is set';
  if (process.platform !== 'linux') return `there is no /proc on ${process.platform}`;
  return readText(`/proc/${pid}/stat`) === null ? `/proc/${pid} cannot be read` : null;
}

function unseeing(pid: number, because: string): Collecting {
  return {
    sources: ['threads', 'process', 'machine', 'cgroup'].map((name) => ({ name, active: false, because })),
    limits: () => ({ quotaCores: null, memoryBytes: null, usableCores: availableParallelism(), poolThreads: DEFAULT_POOL_THREADS }),
    tree: () => [pid],
    stop() {},
  };
}

/** Owns the timer and the files that are kept open. */
class Watch {
  readonly sources: Collecting['sources'];
  readonly #options: CollectOptions;
  readonly #tree: ProcessTree;
  readonly #threads: ThreadSource | null;
  readonly #process: ProcessSource = processSource();
  readonly #machine: MachineSource | null = machineSource();
  readonly #cgroup: CgroupSource | null;
  readonly #timer: NodeJS.Timeout;
  readonly #startUs = nowUs();
  #limits: Limits = { quotaCores: null, memoryBytes: null, usableCores: availableParallelism(), poolThreads: DEFAULT_POOL_THREADS };
  #lastUs = nowUs();
  #notBeforeUs = 0;
  #seldomUs = 0;
  #limitsUs = 0;
  #groupRowUs = 0;
  #threadsCpuUs = 0;
  #stopped = false;

  constructor(options: CollectOptions) {
    const { pid } = options;
    this.#options = options;
    this.#tree = processTree(pid);
    this.#threads = parseSchedstat(readText(`/proc/${pid}/task/${pid}/schedstat`) ?? '') ? threadSource() : null;
    this.#cgroup = cgroupSource(pid, totalmem());
    this.sources = [
      active('threads', this.#threads !== null, 'the kernel keeps no schedstat (CONFIG_SCHED_INFO)'),
      active('process', true, ''),
      active('machine', this.#machine !== null, '/proc/stat cannot be read'),
      active('cgroup', this.#cgroup !== null, 'no cgroup hierarchy with the cpu controller is mounted'),
    ];
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), INTERVAL_MS).unref();
  }

  limits(): Limits {
    if (!this.#stopped) this.#guard(() => this.#readLimits());
    return { ...this.#limits };
  }

  tree(): readonly number[] {
    if (!this.#stopped) this.#guard(() => this.#tree.refresh(true));
    return this.#tree.members().map(({ pid }) => pid);
  }

  stop(): void {
    if (this.#stopped) return;
    clearInterval(this.#timer);
    this.#notBeforeUs = 0;
    this.#seldomUs = 0;
    this.#tick();
    this.#stopped = true;
    this.#threads?.close();
    this.#process.close();
    this.#machine?.close();
  }

  #tick(): void {
    const begunUs = nowUs();
    if (begunUs < this.#notBeforeUs) return;
    const cpu = process.cpuUsage();
    this.#guard(() => this.#look(begunUs));
    this.#lastUs = begunUs;
    const { user, system } = process.cpuUsage(cpu);
    // CPU may be that of other threads of ours, wall time that of other processes: the lower one is nearer to the truth.
    const costUs = Math.min(user + system, nowUs() - begunUs);
    this.#notBeforeUs = begunUs + Math.min(LONGEST_PAUSE_US, costUs / MOST_COST);
  }

  /** The target may end between any two reads, and nothing of that is the recording's end. */
  #guard(look: () => void): void {
    try {
      look();
    } catch {}
  }

  #look(atUs: number): void {
    const tUs = Math.round(atUs - this.#options.originUs);
    const seldom = atUs >= this.#seldomUs;
    if (seldom) this.#seldomUs = atUs + SELDOM_US - (INTERVAL_MS * 1000) / 2;
    this.#tree.refresh(seldom);
    const members = this.#tree.members();
    const proc = (pid: number): number => this.#options.procOf(pid);

    const threads = this.#threads?.tick(members, atUs - this.#lastUs, seldom) ?? [];
    for (const { cpuUs } of threads) this.#threadsCpuUs += cpuUs;
    this.#emit(
      'threads',
      threads.map((row) => {
        const kind = this.#options.strings(row.kind);
        return [proc(row.pid), row.tid, kind, tUs, row.cpuUs, row.runqUs, row.volSwitches, row.involSwitches];
      }),
    );
    const processes = this.#process.tick(members, tUs, seldom);
    this.#emit(
      'process',
      processes.map((row) => [proc(row.pid), tUs, row.rss, row.pss, row.fds, row.threads, row.sockets, row.fdLimit, row.nice]),
    );
    const machine = this.#machine?.tick(members, this.#threadsCpuUs);
    if (machine) {
      const { busyUs, idleUs, stealUs, treeCpuUs, ddxCpuUs, runnable } = machine;
      this.#emit('machine', [[tUs, busyUs, idleUs, stealUs, treeCpuUs, ddxCpuUs, runnable]]);
    }
    if (atUs >= this.#limitsUs) {
      this.#readLimits();
      // Until the launch is over, at every tick.
      this.#limitsUs = atUs - this.#startUs < LAUNCH_US ? atUs : atUs + LIMITS_EVERY_US;
    }
    this.#lookAtGroup(atUs, tUs);
  }

  #lookAtGroup(atUs: number, tUs: number): void {
    const row = this.#cgroup?.tick();
    if (!row) return;
    // Without a quota the rows say only that: one a second is enough.
    if (this.#limits.quotaCores === null && atUs < this.#groupRowUs) return;
    this.#groupRowUs = atUs + SELDOM_US - (INTERVAL_MS * 1000) / 2;
    this.#emit('cgroup', [[tUs, row.periods, row.throttledPeriods, row.throttledUs]]);
  }

  /** Of the process that used most CPU: the server rather than the npm or shell that started it. */
  #readLimits(): void {
    const members = this.#tree.members();
    const busiest = members.reduce((a, b) => (b.stat.cpuTicks > a.stat.cpuTicks ? b : a), members[0]!)?.pid;
    if (busiest === undefined) return;
    this.#cgroup?.resolve(busiest);
    const configured = configuredPoolThreads(busiest);
    this.#limits = {
      quotaCores: this.#cgroup?.quotaCores() ?? null,
      memoryBytes: this.#cgroup?.memoryBytes() ?? null,
      usableCores: usableCoresOf(busiest) ?? this.#limits.usableCores,
      // A program may set the variable itself before the pool starts: what is there counts.
      poolThreads: Math.max(configured ?? this.#limits.poolThreads, this.#threads?.poolThreads() ?? 0),
    };
  }

  #emit(stream: StreamName, rows: readonly number[][]): void {
    if (rows.length === 0) return;
    const width = STREAMS[stream].length;
    const flat = new Float64Array(rows.length * width);
    for (const [index, row] of rows.entries()) flat.set(row, index * width);
    this.#options.emit(stream, flat);
  }
}

function active(name: string, yes: boolean, because: string): Collecting['sources'][number] {
  return yes ? { name, active: true } : { name, active: false, because };
}

function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
