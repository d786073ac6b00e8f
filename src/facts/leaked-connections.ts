import type { Fact } from '../model/fact.js';
import type { SourceLocation } from '../model/recording.js';
import { ledgerContext } from './ledgers.js';
import { heaviestSite } from './sites.js';
import { grouped, largest } from './stats.js';

/** Connections of one pool that were taken, are not used any more, and were not given back. */
export interface LeakedConnections {
  /** "postgres://127.0.0.1:5432/shop". */
  server: string;
  /** How many the pool may have; null where that is not known. */
  size: number | null;
  leaked: number;
  /** Of those, whose request has been answered long ago. */
  afterAnswer: number;
  oldestMs: number;
  /** Requests that waited for a connection of this pool when the recording ended, and those that gave up waiting. */
  waiting: number;
  gaveUp: number;
  route: string | null;
  /** Where those that never came back were taken. */
  location: SourceLocation | null;
}

/** A request may give its connection back a moment after it has answered. */
const AFTER_ANSWER_US = 1_000_000;
/** Where nobody knows whose it is: idle for so long. */
const OWNERLESS_US = 3_000_000;

/** Pools that lose connections, those that lost most first. */
export const leakedConnections: Fact<readonly LeakedConnections[]> = {
  id: 'leaked-connections',
  compute(recording, get) {
    const { turns, requests } = recording.streams;
    if (turns.rows === 0)
      return { ok: false, because: 'connections of pools were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const { waits, routeOf } = get(ledgerContext);
    const answeredUs = new Map<string, number>();
    for (let row = 0; row < requests.rows; row++) {
      if (requests.status[row]! > 0) answeredUs.set(`${requests.proc[row]} ${requests.id[row]}`, requests.endUs[row]!);
    }
    const endOf = ({ proc, owner }: { proc: number; owner: number }) => answeredUs.get(`${proc} ${owner}`) ?? Number.POSITIVE_INFINITY;
    const kept = waits.unanswered.filter((held) => {
      if (held.kind !== 'db/held') return false;
      const answered = endOf(held) <= held.endUs - AFTER_ANSWER_US;
      return answered || (held.owner === 0 && held.endUs - held.startUs >= OWNERLESS_US);
    });
    const value = [...grouped(kept, ({ dest }) => dest)].map(([dest, leaked]): LeakedConnections => {
      const size = Number(/ pool of (\d+)$/.exec(dest)?.[1]);
      const waitsHere = ({ kind, dest: other }: { kind: string; dest: string }) => kind === 'db/pool-wait' && other === dest;
      const routes = leaked.map(({ proc, owner }) => routeOf(proc, owner)).filter((route) => route !== null);
      return {
        server: dest.slice(0, Math.max(0, dest.indexOf(' '))) || dest,
        size: size > 0 ? size : null,
        leaked: leaked.length,
        afterAnswer: leaked.filter((held) => Number.isFinite(endOf(held))).length,
        oldestMs: largest(leaked.map(({ startUs, endUs }) => (endUs - startUs) / 1000)),
        waiting: waits.unanswered.filter(waitsHere).length,
        gaveUp: waits.all.filter((wait) => waitsHere(wait) && wait.failed).length,
        route: routes[0] ?? null,
        location: heaviestSite(
          recording,
          leaked,
          ({ site }) => site,
          () => 1,
        ),
      };
    });
    return { ok: true, value: value.sort((a, b) => b.leaked - a.leaked) };
  },
};
