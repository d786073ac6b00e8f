import { type Timeline, upperBound } from '../ledger/timeline.js';
import type { Fact } from '../model/fact.js';
import type { SourceLocation, SpawnDocument } from '../model/recording.js';
import { ledgerContext } from './ledgers.js';
import { requests } from './requests.js';
import { callSite } from './sites.js';
import { ascending, quantile } from './stats.js';
import { window } from './window.js';

/** Threads or processes that one line begins while requests run. */
export interface SpawnRate {
  kind: 'worker' | 'child';
  location: SourceLocation;
  /** Program names by how often, most first; of workers "worker". */
  names: string[];
  count: number;
  perS: number;
  /** Per request of the routes that were seen to begin them. */
  perRequest: number;
  /** Most of those; [0] has the most. */
  routes: string[];
  /** From its begin to its end; 0 where none ended. */
  medianLifeMs: number;
  /** Until a worker's thread was up; 0 where that is not known. */
  medianStartMs: number;
  /** From the call that begins it to the end of the turn that made it: the system call that copies the process holds the thread. */
  medianCallMs: number;
}

/** By call site, most first. Those that no line of the user's own began (a loader's threads) are left out. */
export const spawnRates: Fact<readonly SpawnRate[]> = {
  id: 'spawn-rates',
  compute(recording, get) {
    const { startUs, endUs, durationUs } = get(window);
    if (recording.streams.turns.rows === 0) {
      return {
        ok: false,
        because: 'who begins threads and processes was not recorded',
        enable: 'record with --depth standard and a Node.js target',
      };
    }
    const { routeOf, timelines } = get(ledgerContext);
    const served = new Map<string, number>();
    for (const { route } of get(requests)) served.set(route, (served.get(route) ?? 0) + 1);
    const bySite = new Map<string, { location: SourceLocation; list: SpawnDocument[] }>();
    for (const spawn of recording.documents.spawns) {
      const location = callSite(recording, spawn.site);
      if (location?.source !== 'app' || spawn.tUs < startUs || spawn.tUs >= endUs) continue;
      const key = `${spawn.kind} ${location.file}:${location.line}`;
      const site = bySite.get(key) ?? { location, list: [] };
      site.list.push(spawn);
      bySite.set(key, site);
    }
    const value = [...bySite.values()].map(({ location, list }): SpawnRate => {
      const routes = commonest(list.flatMap(({ proc, owner }) => (owner > 0 ? (routeOf(proc, owner) ?? []) : [])));
      const asked = routes.reduce((sum, route) => sum + (served.get(route) ?? 0), 0);
      const started = list.flatMap(({ tUs, readyUs = -1 }) => (readyUs >= 0 ? [(readyUs - tUs) / 1000] : []));
      return {
        kind: list[0]!.kind,
        location,
        names: commonest(list.map(({ name }) => name)),
        count: list.length,
        perS: list.length / (durationUs / 1e6),
        perRequest: asked > 0 ? list.length / asked : 0,
        routes,
        medianLifeMs: quantile(ascending(list.flatMap(({ tUs, endUs: end }) => (end >= 0 ? [(end - tUs) / 1000] : []))), 0.5),
        medianStartMs: quantile(ascending(started), 0.5),
        medianCallMs: quantile(ascending(list.flatMap(({ proc, tUs }) => restOfTurnMs(timelines[proc], tUs))), 0.5),
      };
    });
    return { ok: true, value: value.sort((a, b) => b.count - a.count) };
  },
};

function restOfTurnMs(timeline: Timeline | undefined, us: number): number[] {
  const turn = timeline ? upperBound(timeline.startUs, us) - 1 : -1;
  return turn >= 0 && timeline!.endUs[turn]! >= us ? [(timeline!.endUs[turn]! - us) / 1000] : [];
}

function commonest(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
}
