import type { Recording } from '../model/recording.js';
import { upperBound } from './timeline.js';
import type { WaitIndex } from './waits.js';

/**
 * Time each task for libuv's thread pool queued before a thread took it.
 *
 * The pool is one first-in first-out queue served by n threads (libuv src/threadpool.c). Knowing when tasks were handed in and answered, the
 * time a thread came free for the k-th task follows. Not so for file operations: reading a file is an open, a stat, some reads and a close,
 * each queued anew, so that most of its time it holds no thread. For them, and for tasks of native add-ons that nobody saw, the timed probe
 * task speaks: where it waited, they waited.
 */
export function poolQueueing(recording: Recording, waits: WaitIndex, threads: number): ReadonlyMap<number, number> {
  const queuedUs = new Map<number, number>();
  const procs = new Set(waits.all.map((wait) => wait.proc));
  for (const proc of procs) {
    const tasks = waits.all.filter((wait) => wait.proc === proc && wait.kind.startsWith('pool/')).sort((a, b) => a.startUs - b.startUs);
    const freeAtUs = new Array<number>(Math.max(1, threads)).fill(Number.NEGATIVE_INFINITY);
    const probe = probeSeries(recording, proc);
    for (const task of tasks) {
      const durationUs = task.endUs - task.startUs;
      const byProbeUs = probeAt(probe, task.startUs);
      let earliest = 0;
      for (let i = 1; i < freeAtUs.length; i++) if (freeAtUs[i]! < freeAtUs[earliest]!) earliest = i;
      const byKnownUs = Math.max(0, freeAtUs[earliest]! - task.startUs);
      if (!holdsThread(task.kind)) {
        queuedUs.set(task.row, byKnownUs > 0 || byProbeUs > QUIET_US ? Math.max(0, durationUs - FILE_WORK_US) : 0);
        continue;
      }
      const unseenUs = byProbeUs > PROBE_TRUSTED_US && byProbeUs > 2 * byKnownUs ? byProbeUs : 0;
      queuedUs.set(task.row, Math.min(durationUs, Math.max(byKnownUs, unseenUs)));
      freeAtUs[earliest] = task.endUs;
    }
  }
  return queuedUs;
}

/** File operations are several short tasks; all others keep their thread until they are done. */
export function holdsThread(kind: string): boolean {
  return kind !== 'pool/fs';
}

/** Below this the probe's latency may be core contention rather than queueing (8-16 ms seen with 4 busy threads on 2 cores). */
const PROBE_TRUSTED_US = 20_000;
/** A probe that waited less than this had nobody in front of it. */
const QUIET_US = 5_000;
/** What the steps of an ordinary file operation take together once their turn has come; data mostly comes from the page cache. */
const FILE_WORK_US = 3_000;

interface ProbeSeries {
  startUs: Float64Array;
  latencyUs: Float64Array;
}

function probeSeries(recording: Recording, proc: number): ProbeSeries {
  const { poolProbe } = recording.streams;
  const startUs: number[] = [];
  const latencyUs: number[] = [];
  for (let row = 0; row < poolProbe.rows; row++) {
    if (poolProbe.proc[row] !== proc) continue;
    startUs.push(poolProbe.tUs[row]!);
    latencyUs.push(poolProbe.latencyUs[row]!);
  }
  return { startUs: Float64Array.from(startUs), latencyUs: Float64Array.from(latencyUs) };
}

/** The smaller of the probes handed in just before and after: a single late probe proves nothing about its neighbours. */
function probeAt(series: ProbeSeries, us: number): number {
  const next = upperBound(series.startUs, us);
  const before = series.latencyUs[next - 1] ?? 0;
  const after = series.latencyUs[next] ?? before;
  return Math.min(before, after);
}
