import type { Fact } from '../model/fact.js';
import type { SourceLocation } from '../model/recording.js';
import { callSite } from './sites.js';
import { ascending, quantile } from './stats.js';
import { window } from './window.js';

/** How low the target's main thread stands with the kernel's scheduler. */
export interface Niceness {
  /** 0..19, median over the window: the nicest of the target's processes. */
  nice: number;
  /** Of a thread at nice 0, what it is worth where both want a core, 0..1. */
  weight: number;
  /** The user's line that sets it, where the program does so itself. */
  setAt: SourceLocation | null;
}

/** Each step is worth a factor of 1.25 (kernel/sched/core.c, sched_prio_to_weight). */
const STEP = 1.25;

export const niceness: Fact<Niceness> = {
  id: 'niceness',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    const { process } = recording.streams;
    const levels: number[][] = recording.documents.processes.map(() => []);
    for (let row = 0; row < process.rows; row++) {
      const proc = process.proc[row]!;
      const within = process.tUs[row]! >= startUs && process.tUs[row]! <= endUs && process.nice[row]! >= 0;
      if (within && recording.documents.processes[proc]?.role === 'target') levels[proc]!.push(process.nice[row]!);
    }
    const medians = levels.filter((list) => list.length > 0).map((list) => quantile(ascending(list), 0.5));
    if (medians.length === 0) return { ok: false, because: 'the priority of the process was not recorded', enable: 'record on Linux' };
    const nice = Math.max(...medians);
    const setAt = recording.documents.priorities?.map(({ site }) => callSite(recording, site)).find((found) => found !== null) ?? null;
    return { ok: true, value: { nice, weight: STEP ** -nice, setAt: nice > 0 ? setAt : null } };
  },
};
