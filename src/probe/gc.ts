import { PerformanceObserver } from 'node:perf_hooks';
import { builtin } from './builtin.js';
import { nowUs } from './clock.js';
import type { Probe, Source } from './probe.js';

/** perf_hooks.constants.NODE_PERFORMANCE_GC_* and what GCProfiler calls the same. */
const KINDS: Record<number, { name: string; profilerName: string }> = {
  1: { name: 'scavenge', profilerName: 'Scavenge' },
  2: { name: 'scavenge', profilerName: 'MinorMarkSweep' },
  4: { name: 'mark-sweep', profilerName: 'MarkSweepCompact' },
  8: { name: 'incremental', profilerName: 'IncrementalMarking' },
  16: { name: 'weak', profilerName: 'ProcessWeakCallbacks' },
};

interface Sizes {
  before: number;
  after: number;
  costUs: number;
}
interface Collection {
  startUs: number;
  durUs: number;
  kind: number;
}
interface GcProfiler {
  start(): void;
  stop(): { statistics: { gcType: string; cost: number; beforeGC: Snapshot; afterGC: Snapshot }[] } | undefined;
}
interface Snapshot {
  heapStatistics: { usedHeapSize: number };
}

/** Reading the sizes means parsing JSON; where collections are so frequent that this costs more, they go without for a while. */
const PARSE_LIMIT_US = 2000;
const PAUSE_FLUSHES = 8;

/**
 * Collections with time and kind from PerformanceObserver, and heap sizes from v8.GCProfiler (>= 18.15), which knows no times: both
 * see every collection, so the n-th of a kind here is the n-th of that kind there.
 */
export function recordGc(probe: Probe): Source {
  const seen: Collection[] = [];
  const sizes = new Map<string, Sizes[]>();
  const originUs = nowUs() - performance.now() * 1000;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const kind = (entry as unknown as { detail?: { kind: number } }).detail?.kind ?? 0;
      seen.push({ startUs: entry.startTime * 1000 + originUs, durUs: entry.duration * 1000, kind });
    }
  });
  const Profiler = (builtin<{ GCProfiler?: new () => GcProfiler }>('v8').GCProfiler ?? null) as (new () => GcProfiler) | null;
  let profiler: GcProfiler | null = null;
  let pauseFlushes = 0;

  const collectSizes = () => {
    if (!profiler) return;
    const beganUs = nowUs();
    for (const one of profiler.stop()?.statistics ?? []) {
      const list = sizes.get(one.gcType) ?? [];
      list.push({ before: one.beforeGC.heapStatistics.usedHeapSize, after: one.afterGC.heapStatistics.usedHeapSize, costUs: one.cost });
      sizes.set(one.gcType, list);
    }
    profiler = null;
    if (nowUs() - beganUs > PARSE_LIMIT_US) pauseFlushes = PAUSE_FLUSHES;
  };
  const resume = () => {
    if (!Profiler || profiler || pauseFlushes-- > 0) return;
    profiler = new Profiler();
    profiler.start();
  };
  const write = (until: number) => {
    while (seen.length > 0 && seen[0]!.startUs <= until) writeRow(probe, seen.shift()!, sizes);
  };

  observer.observe({ entryTypes: ['gc'] });
  resume();
  return {
    flush(tUs) {
      collectSizes();
      resume();
      // The observer delivers a turn later than the profiler counts: leave the newest for the next flush.
      write(tUs - 100_000);
    },
    finish() {
      collectSizes();
      for (const entry of observer.takeRecords()) {
        const kind = (entry as unknown as { detail?: { kind: number } }).detail?.kind ?? 0;
        seen.push({ startUs: entry.startTime * 1000 + originUs, durUs: entry.duration * 1000, kind });
      }
      write(Number.POSITIVE_INFINITY);
    },
    stop() {
      observer.disconnect();
      profiler?.stop();
      profiler = null;
    },
  };
}

function writeRow(probe: Probe, collection: Collection, sizes: Map<string, Sizes[]>): void {
  const kind = KINDS[collection.kind];
  const size = kind ? take(sizes.get(kind.profilerName), collection.durUs) : null;
  const row = probe.rows.gc;
  const at = row.claim();
  const { values } = row;
  values[at] = Math.round(collection.startUs);
  values[at + 1] = Math.round(collection.durUs);
  values[at + 2] = probe.names.text(kind?.name ?? 'other');
  values[at + 3] = size?.before ?? -1;
  values[at + 4] = size?.after ?? -1;
}

/** The two clocks measure the same pause from slightly different places; one that fits far worse belongs to another collection. */
function take(list: Sizes[] | undefined, durUs: number): Sizes | null {
  while (list && list.length > 0) {
    const first = list.shift()!;
    if (Math.abs(first.costUs - durUs) <= 300 + durUs * 0.3) return first;
  }
  return null;
}
