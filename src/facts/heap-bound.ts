import type { Fact } from '../model/fact.js';
import { window } from './window.js';

/** To what size V8 may let the heap grow, of the process that may go furthest, beside the memory there is for it. */
export interface HeapBound {
  heapLimitBytes: number;
  /** What the container may use, else what the machine has. */
  memoryBytes: number;
  isContainer: boolean;
  /** Most that was seen in the window: used heap, and the whole process. */
  heapUsedBytes: number;
  rssBytes: number;
}

export const heapBound: Fact<HeapBound> = {
  id: 'heap-bound',
  compute(recording, get) {
    const { startUs, endUs, session } = get(window);
    const { heap } = recording.streams;
    const { processes } = recording.documents;
    const bound = { heapLimitBytes: -1, heapUsedBytes: 0, rssBytes: 0 };
    for (let row = 0; row < heap.rows; row++) {
      const tUs = heap.tUs[row]!;
      if (processes[heap.proc[row]!]?.role !== 'target' || tUs < startUs || tUs > endUs) continue;
      bound.heapLimitBytes = Math.max(bound.heapLimitBytes, heap.heapLimit[row]!);
      bound.heapUsedBytes = Math.max(bound.heapUsedBytes, heap.heapUsed[row]!);
      bound.rssBytes = Math.max(bound.rssBytes, heap.rss[row]!);
    }
    if (bound.heapLimitBytes <= 0)
      return { ok: false, because: 'the limit of the heap was not recorded', enable: 'run a Node.js target with --depth light or more' };
    const ofContainer = session.limits.memoryBytes;
    const memoryBytes = ofContainer ?? recording.header.machine.memoryBytes;
    if (memoryBytes <= 0) return { ok: false, because: 'how much memory there is was not recorded' };
    return { ok: true, value: { ...bound, memoryBytes, isContainer: ofContainer !== null } };
  },
};
