import type { Wait } from '../ledger/waits.js';
import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { ledgerContext } from './ledgers.js';
import { requests } from './requests.js';
import { callSite, heaviestSite } from './sites.js';
import { ascending, grouped, largest, quantile, smallest } from './stats.js';
import { window } from './window.js';

/** How often calls of requests to one destination opened a connection of their own. */
export interface OpenedConnections {
  /** "https://tax:443". */
  dest: string;
  calls: number;
  /** Of them, those for which a connection was opened, 0..1, and how many that makes per second. */
  openedShare: number;
  openedPerS: number;
  /** Medians of the calls that opened one: all of it, and TLS and the name alone. */
  openingP50Ms: number;
  tlsP50Ms: number;
  dnsP50Ms: number;
  callP50Ms: number;
  /** The line that switches keeping off, where the source shows one; else the call's. */
  location: SourceLocation | null;
}

/** Destinations of outgoing HTTP, and servers of database and cache drivers, most opened connections first. */
export const openedConnections: Fact<readonly OpenedConnections[]> = {
  id: 'opened-connections',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    if (recording.streams.turns.rows === 0)
      return { ok: false, because: 'outgoing calls were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const { waits, routeOf } = get(ledgerContext);
    const outgoing = waits.all.filter((wait) => wait.kind === 'http' && wait.owner !== 0 && wait.endUs >= startUs && wait.startUs < endUs);
    const groups = grouped(outgoing, ({ dest }) => dest);
    const perRoute = new Map<string, number>();
    for (const { route } of get(requests)) perRoute.set(route, (perRoute.get(route) ?? 0) + 1);
    const value = [...groups].map(([dest, calls]): OpenedConnections => {
      const opened = calls.filter((call) => call.opened);
      const openedShare = opened.length / calls.length;
      // The ledger is kept part of the time: how often the routes that call are asked is known of all of it.
      const owners = new Set(calls.map(({ proc, owner }) => `${proc} ${owner}`)).size;
      const routes = new Set(calls.map(({ proc, owner }) => routeOf(proc, owner)));
      const arrivals = [...routes].reduce((sum, route) => sum + (perRoute.get(route ?? '') ?? 0), 0);
      const spent = (account: RegExp) => {
        const ms = opened.map(({ phases }) =>
          phases.reduce((sum, one) => sum + (account.test(one.account) ? (one.endUs - one.startUs) / 1000 : 0), 0),
        );
        return quantile(ascending(ms), 0.5);
      };
      const callLine = heaviestSite(
        recording,
        calls,
        ({ site }) => site,
        () => 1,
      );
      return {
        dest,
        calls: calls.length,
        openedShare,
        openedPerS: ((arrivals * calls.length) / owners / (endUs - startUs)) * 1e6 * openedShare,
        openingP50Ms: spent(/^net\//),
        tlsP50Ms: spent(/^net\/tls$/),
        dnsP50Ms: spent(/^net\/dns$/),
        callP50Ms: quantile(ascending(calls.map((call) => (call.endUs - call.startUs) / 1000)), 0.5),
        location: (callLine && switchIn(recording, callLine.file)) ?? callLine,
      };
    });
    const arrivalsPerS = (owners: readonly OwnCalls[]): number => {
      const routes = new Set(owners.map(({ proc, owner }) => routeOf(proc, owner)));
      return [...routes].reduce((sum, route) => sum + (perRoute.get(route ?? '') ?? 0), 0) / ((endUs - startUs) / 1e6);
    };
    const driven = waits.all.filter((wait) => DRIVEN.test(wait.kind) && wait.owner !== 0 && !wait.open && wait.endUs >= startUs);
    for (const [server, list] of grouped(driven, ({ dest }) => dest.replace(/ .*$/s, ''))) {
      const opened = byDriver(recording, server, list, arrivalsPerS);
      if (opened) value.push(opened);
    }
    return { ok: true, value: value.sort((a, b) => b.openedPerS - a.openedPerS) };
  },
};

const DRIVEN = /^(?:db|cache)\/(?:connect|execute)$/;

type Driven = Wait & { proc: number; owner: number };
interface OwnCalls {
  proc: number;
  owner: number;
  connects: Driven[];
  executes: Driven[];
}

/** Of the requests that ask a server through a driver, those that open a connection for it in the user's own code: a pool does so for the first. */
function byDriver(
  recording: Recording,
  dest: string,
  list: readonly Driven[],
  arrivalsPerS: (owners: readonly OwnCalls[]) => number,
): OpenedConnections | null {
  const owners = new Map<string, OwnCalls>();
  for (const wait of list) {
    const { proc, owner } = wait;
    const own = owners.get(`${proc} ${owner}`) ?? { proc, owner, connects: [], executes: [] };
    (wait.kind.endsWith('/connect') ? own.connects : own.executes).push(wait);
    owners.set(`${proc} ${owner}`, own);
  }
  const asking = [...owners.values()].filter(({ executes }) => executes.length > 0);
  const ownLine = ({ site }: Driven): boolean => callSite(recording, site)?.source === 'app';
  const opened = asking.filter(({ connects }) => connects.length > 0);
  // Stacks are taken as far as a budget goes: some show the line, for all.
  const connects = opened.flatMap((own) => own.connects.filter(ownLine));
  if (connects.length === 0) return null;
  const longestMs = (waits: readonly Driven[]): number =>
    largest(
      waits.map(({ startUs, endUs }) => (endUs - startUs) / 1000),
      0,
    );
  const spanMs = ({ connects, executes }: OwnCalls): number => {
    const all = [...connects, ...executes];
    return (
      (largest(
        all.map((one) => one.endUs),
        0,
      ) -
        smallest(all.map((one) => one.startUs))) /
      1000
    );
  };
  return {
    dest,
    calls: asking.length,
    openedShare: opened.length / asking.length,
    openedPerS: (arrivalsPerS(asking) * opened.length) / asking.length,
    openingP50Ms: quantile(ascending(opened.map((own) => longestMs(own.connects))), 0.5),
    tlsP50Ms: 0,
    dnsP50Ms: 0,
    callP50Ms: quantile(ascending(opened.map(spanMs)), 0.5),
    location: heaviestSite(
      recording,
      connects,
      ({ site }) => site,
      (one) => one.endUs - one.startUs,
    ),
  };
}

const SWITCHED_OFF =
  /\bkeepAlive\s*:\s*false|\bagent\s*:\s*false|['"]?connection['"]?\s*:\s*['"]close['"]|\bpipelining\s*:\s*0\b|\breset\s*:\s*true/i;

/** The one line of a file that says connections are not to be kept; null where none or several do. */
function switchIn(recording: Recording, file: string): SourceLocation | null {
  const found = recording.documents.sources
    .filter((source) => source.file === file)
    .flatMap(({ firstLine, lines }) =>
      lines.flatMap((text, i) => (SWITCHED_OFF.test(text) && !/^\s*(?:\/\/|\*)/.test(text) ? [firstLine + i] : [])),
    );
  return found.length === 1 ? { file, line: found[0]!, function: '', source: 'app' } : null;
}
