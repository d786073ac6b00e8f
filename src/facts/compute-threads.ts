import type { Fact, FactReader } from '../model/fact.js';
import type { SourceLocation } from '../model/recording.js';
import { latency } from './latency.js';
import { type Explained, explainedBy, ledgers } from './ledgers.js';
import { poolQueue } from './pool-queue.js';
import { optional } from './reader.js';
import { spawns } from './spawns.js';
import { type KindPressure, threadPressure } from './threads.js';

/** The threads (or child processes) that the program decided to have for its work, of the kind that wants most of the cores. */
export interface ComputeThreads {
  kind: string;
  threads: number;
  cpuCores: number;
  waitingCores: number;
  /** Share of their runnable time without a core, 0..1. */
  waitShare: number;
  /** Cores' worth that they wanted while they were at work at all, and the share of the time in which they were. */
  demandCores: number;
  activeShare: number;
  /** Where the program starts them. */
  origin: SourceLocation | null;
}

/** libuv's four threads are the default of every process and no decision of the program. */
const DEFAULT_POOL_THREADS = 4;

export const computeThreads: Fact<ComputeThreads> = {
  id: 'compute-threads',
  compute(_, get) {
    const { byKind } = get(threadPressure);
    const pool = byKind.find(({ kind, threads }) => kind === 'libuv' && threads > DEFAULT_POOL_THREADS);
    const children = byKind.find(({ kind }) => kind === 'child');
    const candidates = [workersOf(get, byKind), ...(pool ? [pool] : []), ...(children ? [children] : [])];
    const chosen = candidates.sort((a, b) => b.cpuCores + b.waitingCores - a.cpuCores - a.waitingCores)[0]!;
    const { kind, threads, cpuCores, waitingCores } = chosen;
    const waitShare = waitingCores / Math.max(0.001, cpuCores + waitingCores);
    return {
      ok: true,
      value: {
        kind,
        threads,
        cpuCores,
        waitingCores,
        waitShare,
        demandCores: chosen.activeDemandCores,
        activeShare: chosen.activeShare,
        origin: originOf(get, kind),
      },
    };
  },
};

/** A thread is "other" until it can be told what it is: where the program starts workers or processes, those are meant. */
function workersOf(get: FactReader, byKind: readonly KindPressure[]): KindPressure {
  const wanted = (optional(get, spawns) ?? []).length > 0 ? ['worker', 'other'] : ['worker'];
  const kinds = byKind.filter(({ kind }) => wanted.includes(kind));
  const sum = (of: (kind: KindPressure) => number): number => kinds.reduce((total, kind) => total + of(kind), 0);
  return {
    kind: 'worker',
    threads: sum((kind) => kind.threads),
    cpuCores: sum((kind) => kind.cpuCores),
    waitingCores: sum((kind) => kind.waitingCores),
    activeDemandCores: sum((kind) => kind.activeDemandCores),
    activeShare: Math.max(0, ...kinds.map((kind) => kind.activeShare)),
  };
}

function originOf(get: FactReader, kind: string): SourceLocation | null {
  if (kind === 'libuv') return optional(get, poolQueue)?.users[0]?.location ?? null;
  const started = optional(get, spawns) ?? [];
  return (started.find((site) => site.kind === kind) ?? started[0])?.location ?? null;
}

/**
 * The route that waits most for a core: the main thread's own run-queue wait, and that share of waits for other threads in which these had
 * no core either.
 */
export function mostStarvedRoute(get: FactReader, waitShare: number): Explained | undefined {
  const others = explainedBy(get(ledgers), ({ account }) => WAITS_FOR_THREADS.has(account));
  const own = explainedBy(get(ledgers), ({ account }) => account === 'cpu/run-queue');
  const joined = others.map((route) => {
    const same = own.find((other) => other.route === route.route && other.bucket === route.bucket);
    const ms = route.ms * waitShare + (same?.ms ?? 0);
    return { ...route, ms, share: ms / Math.max(0.001, route.measuredMs) };
  });
  // The one that loses most in all; a route asked for twice has no claim to be the example.
  const { routes } = get(latency);
  const lostMs = ({ route, ms }: Explained): number => ms * (routes.get(route)?.count ?? 1);
  const noticed = [...joined, ...own].filter(({ share }) => share >= NOTICED_SHARE).sort((a, b) => lostMs(b) - lostMs(a));
  return noticed[0] ?? [...joined, ...own].sort((a, b) => b.share - a.share)[0];
}

const NOTICED_SHARE = 0.2;

/** Waits that a thread of the program's own may answer; those nobody could name are among them, since messages of workers often are. */
const WAITS_FOR_THREADS = new Set(['wait/worker', 'wait/child', 'wait/other', 'pool/work', 'pool/wait', 'unattributed']);
