import type { Fact } from '../model/fact.js';
import { window } from './window.js';

export interface Throttling {
  periods: number;
  throttledPeriods: number;
  /** Summed over the cgroup's cores: may exceed the window. */
  throttledMs: number;
  share: number;
  quotaCores: number | null;
}

/** What a cgroup CPU quota did to the target in the window. */
export const throttling: Fact<Throttling> = {
  id: 'throttling',
  compute(recording, get) {
    const { startUs, endUs, session } = get(window);
    const { cgroup } = recording.streams;
    const value: Throttling = { periods: 0, throttledPeriods: 0, throttledMs: 0, share: 0, quotaCores: session.limits.quotaCores };
    if (cgroup.rows === 0) {
      const source = session.sources.find(({ name }) => name === 'cgroup');
      if (source?.active) return { ok: true, value };
      return {
        ok: false,
        because: source?.because ?? 'the cgroup of the target could not be read',
        enable: 'run on Linux with cgroups mounted',
      };
    }
    for (let row = 0; row < cgroup.rows; row++) {
      if (cgroup.tUs[row]! <= startUs || cgroup.tUs[row]! > endUs) continue;
      value.periods += Math.max(0, cgroup.periods[row]!);
      value.throttledPeriods += Math.max(0, cgroup.throttledPeriods[row]!);
      value.throttledMs += Math.max(0, cgroup.throttledUs[row]!) / 1000;
    }
    value.share = value.periods > 0 ? value.throttledPeriods / value.periods : 0;
    return { ok: true, value };
  },
};
