import { accountOf, type Wait } from '../ledger/waits.js';
import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { ledgerContext } from './ledgers.js';
import { poolCreation } from './pool-creation.js';
import { requests } from './requests.js';
import { heaviestSite } from './sites.js';
import { sumUs, unionUs } from './spans.js';
import { ascending, largest, quantile, smallest } from './stats.js';
import { window } from './window.js';

/** A bounded number of connections (or of turns on one) that requests waited for. */
export interface ConnectionPool {
  /** "postgres://127.0.0.1:5432/shop", "http://tax:8080". */
  server: string;
  /** How many it may have, as configured; else as measured while others waited. Null where neither is known. */
  size: number | null;
  measured: boolean;
  /** Whose requests waited longest in all; null where it is not known. */
  route: string | null;
  /** "account detail" of the ledger's entries that hold these waits, or the account alone. */
  entries: ReadonlySet<string>;
  waits: number;
  waitP50Ms: number;
  waitP90Ms: number;
  /** Waiting at a time, while anybody did. */
  meanWaiters: number;
  /** From being given out until the last answer over it, median. */
  holdMs: number;
  /** What the server itself takes to answer, median; 0 where it was not asked. */
  answerP50Ms: number;
  /** How often it is wanted, and how many connections that keeps busy: rate x hold. */
  wantedPerS: number;
  needed: number;
  /** The same if each were kept as shortly as the quickest tenth, which had a core at once. */
  neededAtLeast: number;
  location: SourceLocation | null;
  takenAt: SourceLocation | null;
}

type Held = Wait & { proc: number; owner: number };
/** A stretch in which a connection was waited for. */
interface Turn {
  proc: number;
  owner: number;
  startUs: number;
  endUs: number;
  wait: Held;
}

/** Pools of database, cache and HTTP clients that were exhausted at some time, longest waits in sum first. */
export const connectionPools: Fact<readonly ConnectionPool[]> = {
  id: 'connection-pools',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    if (recording.streams.turns.rows === 0)
      return { ok: false, because: 'waits were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const { waits, routeOf } = get(ledgerContext);
    const within = waits.all.filter((wait) => wait.endUs > startUs && wait.startUs < endUs);
    const perRoute = new Map<string, number>();
    for (const { route } of get(requests)) perRoute.set(route, (perRoute.get(route) ?? 0) + 1);
    const value = [...turnsByPool(within)].map(([dest, turns]): ConnectionPool => {
      const asked = within.filter((wait) => isAnswer(wait) && serverOf(wait.dest) === serverOf(dest));
      const size = sizeOf(dest) ?? measuredSize(turns, asked);
      const busyUs = unionUs(turns);
      const holdsMs = ascending(turns.map((turn) => usedUs(turn, waits.of(turn.proc, turn.owner)) / 1000));
      const holdMs = quantile(holdsMs, 0.5);
      const owners = new Set(turns.map(({ proc, owner }) => `${proc} ${owner}`));
      const routes = new Set(turns.map(({ proc, owner }) => routeOf(proc, owner)));
      const arrivals = [...routes].reduce((sum, route) => sum + (perRoute.get(route ?? '') ?? 0), 0);
      const wantedPerS = ((arrivals / (endUs - startUs)) * 1e6 * turns.length) / owners.size;
      const waitMs = ascending(turns.map((turn) => (turn.endUs - turn.startUs) / 1000));
      const site = (turn: Turn) => turn.wait.site;
      const takenAt = heaviestSite(recording, turns, site, (turn) => turn.endUs - turn.startUs);
      return {
        server: serverOf(dest),
        size,
        measured: sizeOf(dest) === null,
        route: heaviestRoute(turns, routeOf),
        entries: new Set(turns.map(({ wait }) => entryOf(wait))),
        waits: turns.length,
        waitP50Ms: quantile(waitMs, 0.5),
        waitP90Ms: quantile(waitMs, 0.9),
        meanWaiters: sumUs(turns) / Math.max(1, busyUs),
        holdMs,
        answerP50Ms: quantile(ascending(asked.map((wait) => (wait.endUs - givenUs(wait)) / 1000)), 0.5),
        wantedPerS,
        needed: (wantedPerS * holdMs) / 1000,
        neededAtLeast: (wantedPerS * quantile(holdsMs, 0.1)) / 1000,
        location: poolCreation(recording, filesOf(recording, turns), size) ?? takenAt,
        takenAt,
      };
    });
    return { ok: true, value: value.sort((a, b) => b.waitP50Ms * b.waits - a.waitP50Ms * a.waits) };
  },
};

/** An agent with as many connections as are wanted still needs a moment to hand one out. */
const WORTH_US = 1000;

function turnsByPool(waits: readonly Held[]): Map<string, Turn[]> {
  const pools = new Map<string, Turn[]>();
  for (const wait of waits) {
    const { kind, dest, startUs, endUs, proc, owner } = wait;
    const until = kind === 'http' ? givenUs(wait) : kind.endsWith('/pool-wait') ? endUs : startUs;
    if (until - startUs < WORTH_US) continue;
    const turn = { proc, owner, startUs, endUs: until, wait };
    const list = pools.get(dest);
    if (list) list.push(turn);
    else pools.set(dest, [turn]);
  }
  return pools;
}

/** For how long a request used its connection: until the last answer before it wanted another one. */
function usedUs({ wait, endUs }: Turn, own: readonly Wait[]): number {
  if (wait.kind === 'http') return wait.endUs - endUs;
  const next = smallest(own.filter((one) => one.kind === wait.kind && one.startUs >= endUs).map(({ startUs }) => startUs));
  const server = serverOf(wait.dest);
  const answers = own.filter((one) => isAnswer(one) && serverOf(one.dest) === server && one.endUs > endUs && one.startUs < next);
  return largest(
    answers.map((one) => one.endUs - endUs),
    0,
  );
}

/** When an outgoing call had its connection. */
function givenUs({ phases, startUs }: Wait): number {
  return phases.find(({ account }) => account === 'http/pool-wait')?.endUs ?? startUs;
}

function isAnswer({ kind }: Wait): boolean {
  return kind === 'http' || kind.endsWith('/execute');
}

function entryOf(wait: Wait): string {
  return wait.kind === 'http' ? `http/pool-wait ${wait.detail}` : `${accountOf(wait)} ${wait.detail}`;
}

function serverOf(dest: string): string {
  const blank = dest.indexOf(' ');
  return blank < 0 ? dest : dest.slice(0, blank);
}

function sizeOf(dest: string): number | null {
  if (dest.endsWith(' one connection')) return 1;
  const size = Number(/ pool of (\d+)$/.exec(dest)?.[1]);
  return size > 0 ? size : null;
}

/** How many calls had a connection while others waited for one. Null of pools that do not show what is done with them. */
function measuredSize(turns: readonly Turn[], asked: readonly Held[]): number | null {
  const calls = asked.filter((wait) => wait.kind === 'http').map((wait) => ({ startUs: givenUs(wait), endUs: wait.endUs }));
  if (calls.length === 0) return null;
  const looks = turns.map((turn) => (turn.startUs + turn.endUs) / 2);
  const step = Math.max(1, Math.floor(looks.length / 200));
  const counts = looks.filter((_, i) => i % step === 0).map((us) => calls.filter((call) => call.startUs <= us && call.endUs > us).length);
  return Math.max(1, quantile(ascending(counts), 0.5));
}

function heaviestRoute(turns: readonly Turn[], routeOf: (proc: number, owner: number) => string | null): string | null {
  const weights = new Map<string, number>();
  for (const { proc, owner, startUs, endUs } of turns) {
    const route = routeOf(proc, owner);
    if (route !== null) weights.set(route, (weights.get(route) ?? 0) + endUs - startUs);
  }
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

function filesOf(recording: Recording, turns: readonly Turn[]): string[] {
  const files = new Set<string>();
  for (const site of new Set(turns.map(({ wait }) => wait.site))) {
    for (const { file, source } of recording.documents.sites[site]?.frames ?? []) if (source === 'app') files.add(file);
  }
  return [...files];
}
