import { type PerformanceEntry, PerformanceObserver, performance } from 'node:perf_hooks';
import type { getHeapStatistics } from 'node:v8';
import { builtin } from './builtin.js';
import { nowUs } from './clock.js';
import type { Probe, Source } from './probe.js';
import { guarded } from './state.js';

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
  /** Heap in use when the observer heard of it, -1 when that was too long after. */
  usedSoonAfter: number;
}
interface GcProfiler {
  start(): void;
  stop(): { statistics: { gcType: string; cost: number; beforeGC: Snapshot; afterGC: Snapshot }[] } | undefined;
}
interface V8 {
  GCProfiler?: new () => GcProfiler;
  getHeapStatistics: typeof getHeapStatistics;
}
interface Snapshot {
  heapStatistics: { usedHeapSize: number };
}

/**
 * GCProfiler takes a full heap statistic before and after each collection and hands it over as JSON: 60-100 us apiece, 5 % of the thread
 * at 100 scavenges a second, and tens of megabytes. Where there are more than this per flush, it looks more and more seldom.
 */
const MANY_PER_FLUSH = 6;
const FIRST_PAUSE_FLUSHES = 8;
const MARK_SWEEP = 4;
const SOON_US = 20_000;

/**
 * Collections with time and kind from PerformanceObserver, and heap sizes from v8.GCProfiler (>= 18.15), which knows no times: both
 * see every collection, so the n-th of a kind here is the n-th of that kind there.
 */
export function recordGc(probe: Probe): Source {
  const seen: Collection[] = [];
  const sizes = new Map<string, Sizes[]>();
  const originUs = nowUs() - performance.now() * 1000;
  const { GCProfiler: Profiler, getHeapStatistics } = builtin<V8>('v8');
  const note = (entry: PerformanceEntry) => {
    const kind = (entry as unknown as { detail?: { kind: number } }).detail?.kind ?? 0;
    const startUs = entry.startTime * 1000 + originUs;
    const durUs = entry.duration * 1000;
    const soon = kind === MARK_SWEEP && nowUs() - startUs - durUs < SOON_US;
    seen.push({ startUs, durUs, kind, usedSoonAfter: soon ? getHeapStatistics().used_heap_size : -1 });
  };
  const observer = new PerformanceObserver(guarded((list) => list.getEntries().forEach(note)));
  let profiler: GcProfiler | null = null;
  let pauseFlushes = 0;
  let nextPauseFlushes = FIRST_PAUSE_FLUSHES;

  const collectSizes = () => {
    if (!profiler) return;
    const statistics = profiler.stop()?.statistics ?? [];
    for (const one of statistics) {
      const list = sizes.get(one.gcType) ?? [];
      list.push({ before: one.beforeGC.heapStatistics.usedHeapSize, after: one.afterGC.heapStatistics.usedHeapSize, costUs: one.cost });
      sizes.set(one.gcType, list);
    }
    profiler = null;
    if (statistics.length <= MANY_PER_FLUSH) return;
    pauseFlushes = nextPauseFlushes;
    nextPauseFlushes *= 2;
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
      observer.takeRecords().forEach(note);
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
  values[at + 4] = size?.after ?? collection.usedSoonAfter;
}

/** The two clocks measure the same pause from slightly different places; one that fits far worse belongs to another collection. */
function take(list: Sizes[] | undefined, durUs: number): Sizes | null {
  while (list && list.length > 0) {
    const first = list.shift()!;
    if (Math.abs(first.costUs - durUs) <= 300 + durUs * 0.3) return first;
  }
  return null;
}
