import { coveredWithin } from '../ledger/coverage.js';
import type { Wait } from '../ledger/waits.js';
import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { ledgerContext } from './ledgers.js';
import { type Request, requests } from './requests.js';
import { ascending, grouped, quantile } from './stats.js';
import { window } from './window.js';

/** One question that some requests of a route ask and others do not, as behind a cache: how often several ask it at the same time. */
export interface Stampede {
  route: string;
  /** "http://catalogue:8080", "postgres://...", "timers/promises.setTimeout". */
  server: string;
  question: string;
  /** Calls that are known to ask for exactly the same; where not, the same line asking the same server was taken for it. */
  exact: boolean;
  calls: number;
  /** Of those, begun while the same was asked already and not yet answered. */
  extra: number;
  /** Times that at least three requests asked at once before the first answer, and how many did then, median and most. */
  rushes: number;
  perRush: number;
  mostInRush: number;
  /** How much more often a call is begun while the same is under way than otherwise: about once where nothing ties them. */
  lift: number;
  /** Of the route's requests that came during a rush, those that asked as well, 0..1. */
  joiningShare: number;
  /** Requests of the route that were answered without asking, 0..1. */
  answeredShare: number;
  /** In a rush, from the question (a connection for it included) to the answer, median; and the quickest ones at any time. */
  callMs: number;
  quickMs: number;
  /** Of the time of the requests in a rush, median; and of the route's slowest twentieth of requests, those that asked. */
  shareOfRequest: number;
  slowestShare: number;
  /** The user's code that looks into the cache, or else that asks. */
  location: SourceLocation | null;
}

type Call = Wait & { proc: number; owner: number };
/** Calls of which each began before any of them was answered. */
interface Rush {
  calls: Call[];
  answeredUs: number;
}

/** Tasks of the thread pool are not among them: those that queue for it look alike, whatever they ask for. */
const QUESTION = /^(http|net|child|worker|timer|db\/execute)$/;
const QUEUE = /^db\/(pool-wait|connect)$/;
/** Who has got a connection asks at once. */
const AT_ONCE_US = 2000;
const FEWEST_CALLS = 6;
const AT_ONCE = 3;
const QUICKEST = 0.05;
const SLOWEST = 0.95;

/** By question and route; the most calls too many first. */
export const stampedes: Fact<readonly Stampede[]> = {
  id: 'stampedes',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    const { waits, timelines } = get(ledgerContext);
    if (recording.streams.turns.rows === 0)
      return { ok: false, because: 'calls of requests were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const watched = new Map<string, Request>();
    for (const request of get(requests)) {
      if (request.server && !request.server.sampledOut) watched.set(`${request.server.proc} ${request.server.id}`, request);
    }
    const byRoute = grouped(watched.values(), ({ route }) => route);
    const byQuestion = new Map<string, Call[]>();
    for (const call of waits.all) {
      const request = watched.get(ownerOf(call));
      if (!request || !QUESTION.test(call.kind) || call.failed || call.refused || call.startUs < startUs || call.dest === '(other)')
        continue;
      const key = `${request.route}\n${call.kind} ${call.dest}\n${call.shape}\n${call.same >= 0 ? '' : call.site}`;
      const list = byQuestion.get(key) ?? [];
      byQuestion.set(key, list);
      list.push({ ...call, startUs: askedUs(call) });
    }
    const found: Stampede[] = [];
    for (const calls of byQuestion.values()) {
      if (calls.length < FEWEST_CALLS) continue;
      const { route } = watched.get(ownerOf(calls[0]!))!;
      const all = byRoute.get(route) ?? [];
      const identities = grouped(calls, ({ proc, same }) => `${proc} ${same}`);
      const rushes = [...identities.values()].flatMap(rushesOf);
      const observedUs = [...identities.values()].reduce((sum, [one]) => {
        const coverage = timelines[one!.proc]?.coverage;
        return sum + (coverage ? Math.min(endUs - startUs, coveredWithin(coverage, startUs, endUs)) : 0);
      }, 0);
      found.push(describe(recording, { route, calls, rushes, all, observedUs }));
    }
    return { ok: true, value: found.sort((a, b) => b.extra - a.extra || b.calls - a.calls) };

    /** Who waits for a connection of a pool is asking already. */
    function askedUs({ proc, owner, kind, startUs: fromUs }: Call): number {
      if (kind !== 'db/execute') return fromUs;
      const queues = waits.of(proc, owner).filter((wait) => QUEUE.test(wait.kind));
      return queues.reduceRight((us, queue) => (queue.endUs <= us && us - queue.endUs < AT_ONCE_US ? queue.startUs : us), fromUs);
    }
  },
};

const ownerOf = ({ proc, owner }: Call): string => `${proc} ${owner}`;

/** What one request asks several times counts once: that is another illness. */
function rushesOf(calls: readonly Call[]): Rush[] {
  const found: Rush[] = [];
  const seen = new Set<string>();
  for (const call of [...calls].sort((a, b) => a.startUs - b.startUs)) {
    const last = found.at(-1);
    if (!last || call.startUs >= last.answeredUs) {
      found.push({ calls: [call], answeredUs: call.endUs });
      seen.clear();
    } else if (!seen.has(ownerOf(call))) {
      last.calls.push(call);
      last.answeredUs = Math.min(last.answeredUs, call.endUs);
    }
    seen.add(ownerOf(call));
  }
  return found;
}

interface Seen {
  route: string;
  calls: readonly Call[];
  rushes: readonly Rush[];
  all: readonly Request[];
  observedUs: number;
}

function describe(recording: Recording, { route, calls, rushes, all, observedUs }: Seen): Stampede {
  const [{ dest, kind, shape, same }] = calls as [Call];
  const blank = dest.indexOf(' ');
  const asking = new Set(calls.map(ownerOf));
  const asked = ({ server }: Request): boolean => asking.has(`${server!.proc} ${server!.id}`);
  const crowded = rushes.filter((rush) => rush.calls.length >= AT_ONCE);
  const sizes = ascending(crowded.map((rush) => rush.calls.length));
  const inRush = crowded.flatMap((rush) => rush.calls);
  const lengthOf = new Map(all.map((request) => [`${request.server!.proc} ${request.server!.id}`, request.endUs - request.startUs]));
  const tookUs = (call: Call): number => call.endUs - call.startUs;
  const lengths = ascending(all.map((request) => request.endUs - request.startUs));
  const slowest = all.filter((request) => request.endUs - request.startUs >= quantile(lengths, SLOWEST));
  const extra = rushes.reduce((sum, rush) => sum + rush.calls.length - 1, 0);
  const firstUs = rushes.reduce((sum, rush) => sum + rush.answeredUs - rush.calls[0]!.startUs, 0);
  const otherwiseUs = Math.max(1, observedUs - firstUs);
  return {
    route,
    server: blank < 0 ? dest || kind : dest.slice(0, blank),
    question: blank < 0 ? shape : dest.slice(blank + 1),
    exact: same >= 0,
    calls: calls.length,
    extra,
    rushes: crowded.length,
    perRush: quantile(sizes, 0.5),
    mostInRush: quantile(sizes, 1),
    lift: extra / Math.max(1, firstUs) / (rushes.length / otherwiseUs),
    joiningShare: joining(crowded, all, asked),
    answeredShare: 1 - all.filter(asked).length / Math.max(1, all.length),
    callMs: quantile(ascending(inRush.map(tookUs)), 0.5) / 1000,
    quickMs: quantile(ascending(calls.map(tookUs)), QUICKEST) / 1000,
    shareOfRequest: quantile(ascending(inRush.map((call) => Math.min(1, tookUs(call) / Math.max(1, lengthOf.get(ownerOf(call))!)))), 0.5),
    slowestShare: slowest.filter(asked).length / Math.max(1, slowest.length),
    location: lookUpLine(recording, inRush),
  };
}

function joining(rushes: readonly Rush[], all: readonly Request[], asked: (request: Request) => boolean): number {
  const spans = rushes
    .map(({ calls, answeredUs }) => ({ fromUs: calls[0]!.startUs, toUs: answeredUs }))
    .sort((a, b) => a.fromUs - b.fromUs);
  const arrivals = [...all].sort((a, b) => a.server!.enteredUs - b.server!.enteredUs);
  const came: Request[] = [];
  let next = 0;
  let untilUs = Number.NEGATIVE_INFINITY;
  for (const request of arrivals) {
    const { enteredUs } = request.server!;
    for (; next < spans.length && spans[next]!.fromUs < enteredUs; next++) untilUs = Math.max(untilUs, spans[next]!.toUs);
    if (enteredUs < untilUs) came.push(request);
  }
  return came.filter(asked).length / Math.max(1, came.length);
}

/** Text that decides whether what is kept still holds; and text that at least speaks of keeping. */
const DECIDES = [/Date\.now|performance\.now|ttl|max_?age|expir|stale|fresh|until/i, /cache|memo/i];
/** From a line upwards and downwards: the text of an ordinary function. */
const LINES_AROUND = 6;

/** The innermost of the user's frames whose text decides; the innermost of all where none does. */
function lookUpLine(recording: Recording, calls: readonly Call[]): SourceLocation | null {
  const weights = new Map<number, number>();
  for (const { site } of calls) if (site >= 0) weights.set(site, (weights.get(site) ?? 0) + 1);
  const [heaviest] = [...weights].sort((a, b) => b[1] - a[1]);
  const own = heaviest ? recording.documents.sites[heaviest[0]]!.frames.filter(({ source }) => source === 'app') : [];
  const texts = own.map((frame) => textAround(recording, frame));
  const [deciding = 0] = DECIDES.map((words) => texts.findIndex((text) => words.test(text))).filter((at) => at >= 0);
  return own[deciding] ?? null;
}

function textAround(recording: Recording, { file, line, function: name }: SourceLocation): string {
  const lines = recording.documents.sources.flatMap((source) => {
    const at = line - source.firstLine;
    return source.file === file && at >= 0 && at < source.lines.length
      ? source.lines.slice(Math.max(0, at - LINES_AROUND), at + LINES_AROUND)
      : [];
  });
  return [name, ...lines].join('\n');
}
