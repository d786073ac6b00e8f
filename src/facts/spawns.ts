import type { Fact } from '../model/fact.js';
import type { SourceLocation } from '../model/recording.js';
import { callSite, heaviestSite } from './sites.js';
import { window } from './window.js';

export interface SpawnSite {
  kind: 'worker' | 'child';
  count: number;
  perS: number;
  peakAlive: number;
  duringRequests: number;
  location: SourceLocation | null;
}

/** Threads and processes the target started, by kind; those alive before the window count as alive. Those that no line of the user's began (a loader's threads) are left out. */
export const spawns: Fact<readonly SpawnSite[]> = {
  id: 'spawns',
  compute(recording, get) {
    const { startUs, endUs, durationUs } = get(window);
    const value = (['worker', 'child'] as const).map((kind) => {
      const list = recording.documents.spawns.filter(
        (spawn) =>
          spawn.kind === kind &&
          callSite(recording, spawn.site)?.source === 'app' &&
          spawn.tUs < endUs &&
          (spawn.endUs < 0 || spawn.endUs > startUs),
      );
      const started = list.filter((spawn) => spawn.tUs >= startUs);
      return {
        kind,
        count: list.length,
        perS: started.length / (durationUs / 1e6),
        peakAlive: peak(list),
        duringRequests: started.filter((spawn) => spawn.owner > 0).length,
        location: heaviestSite(
          recording,
          list,
          (spawn) => spawn.site,
          () => 1,
        ),
      };
    });
    return { ok: true, value: value.filter((site) => site.count > 0) };
  },
};

function peak(list: readonly { tUs: number; endUs: number }[]): number {
  const edges = list.flatMap((spawn) =>
    spawn.endUs < 0 ? [[spawn.tUs, 1] as const] : [[spawn.tUs, 1] as const, [spawn.endUs, -1] as const],
  );
  edges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let alive = 0;
  let most = 0;
  for (const [, step] of edges) {
    alive += step;
    most = Math.max(most, alive);
  }
  return most;
}
