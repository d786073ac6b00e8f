import { nowUs } from './clock.js';
import type { CpuTime } from './cpu-time.js';
import type { Probe } from './probe.js';

/** As in model/recording TrialLevel. */
export const TrialLevel = { none: 0, cheap: 1, all: 2 } as const;

export interface Trial {
  /** Writes it down. */
  end(): { cpuUs: number; requests: number };
}

/** A stretch in which the hooks stay as they are. `entered`: number of requests so far. Null where the kernel does not tell what the thread used. */
export function recordTrial(probe: Probe, cpu: CpuTime | null, level: number, entered: () => number): Trial | null {
  if (!cpu) return null;
  const startUs = nowUs();
  const cpuUs = cpu.cpuUs();
  const requests = entered();
  return {
    end() {
      const row = probe.rows.trials;
      const at = row.claim();
      row.values[at] = Math.round(startUs);
      row.values[at + 1] = Math.round(nowUs());
      row.values[at + 2] = level;
      const used = { cpuUs: Math.round(cpu.cpuUs() - cpuUs), requests: entered() - requests };
      row.values[at + 3] = used.cpuUs;
      row.values[at + 4] = used.requests;
      return used;
    },
  };
}
