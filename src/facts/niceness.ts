import type { Fact } from '../model/fact.js';
import type { SourceLocation } from '../model/recording.js';
import { ascending, quantile } from './stats.js';
import { window } from './window.js';

/** How low the target's main thread stands with the kernel's scheduler. */
export interface Niceness {
  /** 0..19, median over the window: the nicest of the target's processes. */
  nice: number;
  /** Of a thread at nice 0, what it is worth where both want a core, 0..1. */
  weight: number;
  /** A line that sets it, where the recorded source shows one. */
  setAt: SourceLocation | null;
}

/** Each step is worth a factor of 1.25 (kernel/sched/core.c, sched_prio_to_weight). */
const STEP = 1.25;
const SETTING = /\bsetPriority\s*\(/;

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
    let setAt: SourceLocation | null = null;
    for (const { file, firstLine, lines } of recording.documents.sources) {
      const i = lines.findIndex((text) => SETTING.test(text) && !/^\s*(?:\/\/|\*|import\b)/.test(text));
      if (i >= 0) setAt ??= { file, line: firstLine + i, function: 'setPriority', source: 'app' };
    }
    return { ok: true, value: { nice, weight: STEP ** -nice, setAt: nice > 0 ? setAt : null } };
  },
};
