import { awaitSites } from '../ledger/await-sites.js';
import type { Fact } from '../model/fact.js';
import { ledgerContext } from './ledgers.js';
import { window } from './window.js';

/** A moment at which one request's work let others go on that had waited for it. Times in recording microseconds. */
export interface HandOff {
  proc: number;
  atUs: number;
  releaser: number;
  releaserRoute: string;
  /** The await that the releaser had gone on from, -1 = not known. */
  releaserSite: number;
  /** Since when the releaser had it, where it had been let in itself; null where it never had to wait. */
  heldSinceUs: number | null;
  /** More than one where all who wait are woken, or share an answer. `site`: where it waited, -1 = not known. */
  letIn: { owner: number; route: string; startUs: number; endUs: number; site: number }[];
}

/**
 * Who is let in and lets the next one in within so little did nothing in between: continuations of several that were let go by one follow
 * each other at once, and each looks like the next one's releaser.
 */
export const AT_ONCE_US = 300;
/** Requests that did not end have no route yet. */
const UNKNOWN_ROUTE = 'a request that did not end';

/** Every hand-over of the window with who let go, in order of time. */
export const handOffs: Fact<readonly HandOff[]> = {
  id: 'hand-offs',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    const { routeOf } = get(ledgerContext);
    const siteOf = awaitSites(recording);
    const { waits } = recording.streams;
    const traced = recording.documents.processes.some((process) => process.features['owners']) || waits.rows > 0;
    if (!traced) return { ok: false, because: 'waits were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const kind = recording.strings.indexOf('handover');
    const rows: number[] = [];
    for (let row = 0; row < waits.rows; row++) {
      if (waits.kind[row] === kind && waits.endUs[row]! > startUs && waits.endUs[row]! <= endUs) rows.push(row);
    }
    if (rows.length > 0 && rows.every((row) => waits.by[row]! < 0)) {
      return { ok: false, because: 'the recording does not tell whose work let requests go on', enable: 'record again with this version' };
    }
    rows.sort((a, b) => waits.endUs[a]! - waits.endUs[b]!);
    const found: HandOff[] = [];
    const letInBy = new Map<string, HandOff>();
    for (const row of rows) {
      const [proc, owner, by, atUs] = [waits.proc[row]!, waits.owner[row]!, waits.by[row]!, waits.endUs[row]!];
      if (by <= 0) continue;
      const entered = letInBy.get(`${proc} ${by}`);
      let handOff = entered;
      if (!entered || atUs - entered.atUs >= AT_ONCE_US) {
        const releaserRoute = routeOf(proc, by) ?? UNKNOWN_ROUTE;
        handOff = {
          proc,
          atUs,
          releaser: by,
          releaserRoute,
          releaserSite: waits.bySite[row]!,
          heldSinceUs: entered?.atUs ?? null,
          letIn: [],
        };
        found.push(handOff);
        letInBy.delete(`${proc} ${by}`);
      }
      letInBy.set(`${proc} ${owner}`, handOff!);
      handOff!.letIn.push({
        owner,
        route: routeOf(proc, owner) ?? UNKNOWN_ROUTE,
        startUs: waits.startUs[row]!,
        endUs: atUs,
        site: siteOf(row),
      });
    }
    return { ok: true, value: found };
  },
};
