import { builtin } from './builtin.js';
import type { Probe, Source } from './probe.js';

/** Heap and memory levels, every second flush. */
export function recordHeap(probe: Probe): Source {
  const { getHeapStatistics } = builtin<typeof import('node:v8')>('v8');
  const limit = getHeapStatistics().heap_size_limit;
  let due = true;
  return {
    flush(tUs) {
      due = !due;
      if (due) return;
      const memory = process.memoryUsage();
      const row = probe.rows.heap;
      const at = row.claim();
      row.values.set([Math.round(tUs), memory.heapUsed, memory.heapTotal, limit, memory.external, memory.arrayBuffers, memory.rss], at);
    },
    stop() {},
  };
}
