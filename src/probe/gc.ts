import { type PerformanceEntry, PerformanceObserver, performance } from 'node:perf_hooks';
import { builtin } from './builtin.js';
import { nowUs } from './clock.js';
import type { Probe, Source } from './probe.js';
import { guarded } from './state.js';

/** perf_hooks.constants.NODE_PERFORMANCE_GC_*; 2 is the young generation's mark-sweep of newer V8. */
const KINDS: Record<number, string> = { 1: 'scavenge', 2: 'scavenge', 4: 'mark-sweep', 8: 'incremental', 16: 'weak' };

/** Later than this after the collection, the heap in use says nothing about what it left. */
const SOON_US = 20_000;

/**
 * Collections. v8.GCProfiler would tell the exact sizes before and after, but measured 8 % of the thread and 45 MB on a small server;
 * the heap in use is asked instead as soon as the observer hears of a collection, at the end of the turn. The size before stays unknown.
 */
export function recordGc(probe: Probe): Source {
  const { getHeapStatistics } = builtin<typeof import('node:v8')>('v8');
  const originUs = nowUs() - performance.now() * 1000;
  const write = (entries: readonly PerformanceEntry[]) => {
    const now = nowUs();
    entries.forEach((entry, i) => {
      const startUs = entry.startTime * 1000 + originUs;
      const durUs = entry.duration * 1000;
      const kind = (entry as unknown as { detail?: { kind: number } }).detail?.kind ?? 0;
      const last = i === entries.length - 1 && now - startUs - durUs < SOON_US;
      const row = probe.rows.gc;
      const at = row.claim();
      const { values } = row;
      values[at] = Math.round(startUs);
      values[at + 1] = Math.round(durUs);
      values[at + 2] = probe.names.text(KINDS[kind] ?? 'other');
      values[at + 3] = -1;
      values[at + 4] = last ? getHeapStatistics().used_heap_size : -1;
    });
  };
  const observer = new PerformanceObserver(guarded((list) => write(list.getEntries())));
  const observe = () => observer.observe({ entryTypes: ['gc'] });
  observe();
  return {
    pause: () => observer.disconnect(),
    resume: observe,
    finish() {
      write(observer.takeRecords());
    },
    stop() {
      observer.disconnect();
    },
  };
}
