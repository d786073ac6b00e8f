import { awaitSites } from '../ledger/await-sites.js';
import type { Fact } from '../model/fact.js';
import { type Recording, type SourceLocation, WaitFlag } from '../model/recording.js';
import { type Request, requests } from './requests.js';
import { largest, smallest } from './stats.js';
import { window } from './window.js';

/** Requests of one route that had no answer when their client gave up or the recording ended, long after others had theirs. */
export interface StuckRequests {
  route: string;
  stuck: number;
  /** How long the one that came last had been without an answer. */
  leastMs: number;
  answered: number;
  slowestAnsweredMs: number;
  /** The last answer of the route came so long before the last request of it; 0 where answers went on. */
  silentMs: number;
  /** Of how many it is known where they stand, and of those the share that had asked somebody else, or set a timer. */
  seen: number;
  askingShare: number;
  /** The lines at which they stand, in the code that calls whatever they wait in; most first. */
  standAt: { location: SourceLocation; count: number }[];
}

/** Whoever is slow has answered by then: the load generator waits three seconds for the last ones. */
const LONGEST_PATIENCE_US = 1_000_000;
const TIMES_SLOWEST = 3;

/** Most stuck first; empty where everybody was answered. */
export const stuckRequests: Fact<readonly StuckRequests[]> = {
  id: 'stuck-requests',
  compute(recording, get) {
    const { endUs } = get(window);
    if (!recording.documents.processes.some((process) => process.features['owners'])) {
      return { ok: false, because: 'waits were not recorded', enable: 'record with --depth standard and a Node.js target' };
    }
    const open = openAwaits(recording);
    const byRoute = new Map<string, Request[]>();
    const all = get(requests);
    const patterns = new Set(all.filter(({ server }) => server).map(({ route }) => route));
    for (const request of all) {
      const route = request.server ? request.route : patternOf(request.route, patterns);
      const list = byRoute.get(route);
      if (list) list.push(request);
      else byRoute.set(route, [request]);
    }
    const value = [...byRoute].flatMap(([route, list]): StuckRequests[] => {
      const answered = list.filter(({ status }) => status > 0);
      const slowestUs = largest(
        answered.map((request) => request.endUs - request.startUs),
        0,
      );
      const patienceUs = Math.max(LONGEST_PATIENCE_US, TIMES_SLOWEST * slowestUs);
      const stuck = list.filter((request) => request.status === 0 && request.endUs - request.startUs >= patienceUs);
      if (stuck.length === 0) return [];
      const seen = stuck.flatMap(({ server }) => (server ? (open.get(`${server.proc} ${server.id}`) ?? []) : []));
      const lastAnswerUs = largest(
        answered.map((request) => request.endUs),
        0,
      );
      const lastRequestUs = largest(list.map(({ startUs }) => startUs));
      return [
        {
          route,
          stuck: stuck.length,
          leastMs: smallest(stuck.map((request) => request.endUs - request.startUs)) / 1000,
          answered: answered.length,
          slowestAnsweredMs: slowestUs / 1000,
          silentMs: Math.max(0, Math.min(lastRequestUs, endUs) - lastAnswerUs) / 1000,
          seen: seen.length,
          askingShare: seen.filter(({ asking }) => asking).length / Math.max(1, seen.length),
          standAt: places(recording, seen),
        },
      ];
    });
    return { ok: true, value: value.sort((a, b) => b.stuck - a.stuck) };
  },
};

/** Who never was answered is known by what its client asked for: "GET /items/5/restock" is "GET /items/:id/restock". */
function patternOf(asked: string, patterns: ReadonlySet<string>): string {
  if (patterns.has(asked)) return asked;
  const parts = asked.split('/');
  const fits = (pattern: string): boolean => {
    const wanted = pattern.split('/');
    return wanted.length === parts.length && wanted.every((part, i) => part === parts[i] || part.startsWith(':'));
  };
  return [...patterns].find(fits) ?? asked;
}

interface OpenAwait {
  site: number;
  asking: boolean;
}

function openAwaits(recording: Recording): Map<string, OpenAwait[]> {
  const { waits } = recording.streams;
  const siteOf = awaitSites(recording);
  const found = new Map<string, OpenAwait[]>();
  for (let row = 0; row < waits.rows; row++) {
    if (waits.flags[row]! < 0 || (waits.flags[row]! & WaitFlag.open) === 0) continue;
    const key = `${waits.proc[row]} ${waits.owner[row]}`;
    const kind = recording.strings[waits.kind[row]!] ?? '';
    if (kind === 'promise') {
      const asking = (waits.flags[row]! & WaitFlag.asking) !== 0 || found.get(key)?.[0]?.asking === true;
      found.set(key, [{ site: siteOf(row), asking }]);
    } else if (kind !== 'db/held') found.set(key, [{ site: siteOf(row), asking: true }]);
  }
  return found;
}

function places(recording: Recording, seen: readonly OpenAwait[]): StuckRequests['standAt'] {
  const byLine = new Map<string, { location: SourceLocation; count: number }>();
  for (const { site, asking } of seen) {
    const own = asking ? [] : (recording.documents.sites[site]?.frames ?? []).filter(({ source }) => source === 'app');
    // A lock is often a module of its own: who takes it is the next file on the stack. Outermost is the framework's way in.
    const location = own.slice(0, -1).find(({ file }) => file !== own[0]!.file) ?? own[0];
    if (!location) continue;
    const key = `${location.file}:${location.line}`;
    const known = byLine.get(key);
    if (known) known.count++;
    else byLine.set(key, { location, count: 1 });
  }
  return [...byLine.values()].sort((a, b) => b.count - a.count || a.location.line - b.location.line);
}
