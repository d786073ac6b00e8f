import type { Fact } from '../model/fact.js';
import type { SourceLocation } from '../model/recording.js';
import { ledgerContext } from './ledgers.js';
import { requests } from './requests.js';
import { heaviestSite } from './sites.js';
import { ascending, grouped, largest, quantile } from './stats.js';
import { window } from './window.js';

/** A question to others (HTTP, a statement, a protocol of one's own) whose answer did not come for some of those who asked. */
export interface HungCalls {
  server: string;
  /** "GET /rates/:id", "SELECT ..."; empty where only the server is known. */
  question: string;
  /** Under way when the recording ended, and far longer than answers take. */
  hung: number;
  /** Of those, whose request was not answered either. */
  held: number;
  /** Requests of that route without an answer, those included whose calls nobody saw: waits are noted for part of the time. */
  unanswered: number;
  oldestMs: number;
  answered: number;
  answerP50Ms: number;
  answerP99Ms: number;
  /** Calls that were given up after a second or more, and after how long (median): somebody has set a deadline. */
  givenUp: number;
  givenUpMs: number;
  /** Route of the requests that are held, and its share of them; null where nobody knows it. */
  route: string | null;
  routeShare: number;
  location: SourceLocation | null;
}

/** An answer may be late by this factor before it is taken to have failed to come: the tail of latencies has one or two decades. */
const LATER_THAN_ANSWERS = 5;
const LEAST_MS = 1000;

/** Calls that hang, those that hold most requests first. */
export const hungCalls: Fact<readonly HungCalls[]> = {
  id: 'hung-calls',
  compute(recording, get) {
    const { startUs } = get(window);
    if (recording.streams.turns.rows === 0)
      return { ok: false, because: 'outgoing calls were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const { waits, routeOf } = get(ledgerContext);
    const asked = waits.unanswered.filter(({ kind }) => /^(?:http|net)$|\/(?:execute|connect)$/.test(kind));
    const groups = grouped(asked, ({ kind, dest, shape }) => `${kind} ${dest}\n${shape}`);
    const answeredOwners = answered(recording);
    const silent = get(requests).filter(({ status }) => status === 0);
    const value = [...groups.values()].map((open): HungCalls => {
      const { kind, dest, shape } = open[0]!;
      const same = waits.all.filter((wait) => wait.kind === kind && wait.dest === dest && wait.shape === shape && wait.endUs >= startUs);
      const ms = ascending(same.filter(({ failed }) => !failed).map((wait) => (wait.endUs - wait.startUs) / 1000));
      const p99Ms = quantile(ms, 0.99);
      const hung = open.filter((wait) => wait.endUs - wait.startUs >= 1000 * Math.max(LEAST_MS, LATER_THAN_ANSWERS * p99Ms));
      const held = hung.filter(({ proc, owner }) => !answeredOwners.has(`${proc} ${owner}`));
      const lateMs = same.map((wait) => (wait.failed ? (wait.endUs - wait.startUs) / 1000 : 0)).filter((late) => late >= LEAST_MS);
      // A request that did not end has no route yet: those that ask the same have.
      const asking = [...held, ...same].map(({ proc, owner }) => routeOf(proc, owner)).filter((route) => route !== null);
      const route = mostFrequent(asking.length > 0 ? asking : silent.map((request) => request.route));
      const all = get(requests).filter((request) => request.route === route).length;
      const blank = dest.indexOf(' ');
      return {
        server: blank < 0 ? dest : dest.slice(0, blank),
        question: blank < 0 ? shape : dest.slice(blank + 1),
        hung: hung.length,
        held: held.length,
        unanswered: silent.filter((request) => request.route === route).length,
        oldestMs: largest(
          hung.map((wait) => (wait.endUs - wait.startUs) / 1000),
          0,
        ),
        answered: ms.length,
        answerP50Ms: quantile(ms, 0.5),
        answerP99Ms: p99Ms,
        givenUp: lateMs.length,
        givenUpMs: quantile(ascending(lateMs), 0.5),
        route,
        routeShare: held.length / Math.max(1, held.length + all),
        location: heaviestSite(
          recording,
          hung,
          ({ site }) => site,
          () => 1,
        ),
      };
    });
    return { ok: true, value: value.filter(({ hung }) => hung > 0).sort((a, b) => b.held - a.held || b.hung - a.hung) };
  },
};

/** "proc owner" of requests that got an answer. */
function answered({ streams: { requests: rows } }: Parameters<Fact<unknown>['compute']>[0]): ReadonlySet<string> {
  const found = new Set<string>();
  for (let row = 0; row < rows.rows; row++) if (rows.status[row]! > 0) found.add(`${rows.proc[row]} ${rows.id[row]}`);
  return found;
}

function mostFrequent(names: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
