import { isBooked } from '../ledger/buckets.js';
import { accountOf, type Wait } from '../ledger/waits.js';
import type { Fact, FactReader } from '../model/fact.js';
import type { SourceLocation } from '../model/recording.js';
import { explainedBy, ledgerContext, ledgers } from './ledgers.js';
import { loopLine } from './loop-site.js';
import { requests } from './requests.js';
import { ascending, quantile } from './stats.js';

/** One question that requests of a route ask the same server, as often as it may be. */
export interface RepeatedCall {
  route: string;
  /** "postgres://127.0.0.1:5432/shop", "http://users:8080". */
  server: string;
  /** "SELECT name FROM users WHERE id = ?", "GET /users/:id", "HGETALL"; empty where only the server is known. */
  question: string;
  /** "account detail" of the ledger's entries that hold these calls. */
  entries: ReadonlySet<string>;
  /** Requests that asked it at all. */
  requests: number;
  /** Of those, how often one after another: answered, then asked again without a pause. */
  seriesP10: number;
  seriesP50: number;
  seriesP90: number;
  callP50Ms: number;
  /** From the first call of a series to its last answer: what asking once would save but for one call. */
  spanP50Ms: number;
  spanP90Ms: number;
  /** The same as a share of the time that the request was in the server, median. */
  spanShare: number;
  /** Of that time, what lies between question and answer, whoever held the thread meanwhile: the client's own work for each is part of it. */
  callsShare: number;
  /** The user's line that asks in a loop, and the share of the calls with a known line that it makes. */
  location: SourceLocation | null;
  lineShare: number;
}

/** Less than this between two calls is no pause, whatever timers were set. */
const PAUSE_US = 1000;

/** What requests ask others, per route and question, most often asked first. */
export const repeatedCalls: Fact<readonly RepeatedCall[]> = {
  id: 'repeated-calls',
  compute(recording, get) {
    const { waits } = get(ledgerContext);
    if (recording.streams.turns.rows === 0)
      return { ok: false, because: 'calls of requests were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const groups = new Map<string, Group>();
    for (const request of get(requests)) {
      if (!isBooked(request) || !request.server) continue;
      const { proc, id } = request.server;
      const own = waits.of(proc, id);
      const pauses = own.filter(({ kind, startUs, endUs }) => kind === 'timer' && endUs - startUs >= PAUSE_US);
      for (const [key, calls] of byQuestion(own)) {
        const group = groups.get(`${request.route}\n${key}`) ?? {
          route: request.route,
          first: calls[0]!,
          calls: [],
          series: [],
          spanMs: [],
          spanShares: [],
          callsShares: [],
        };
        for (const call of calls) group.calls.push(call);
        const { length, us, callsUs } = seriesOf(calls, pauses);
        const { enteredUs, finishedUs } = request.server;
        group.series.push(length);
        group.spanMs.push(us / 1000);
        group.spanShares.push(Math.min(1, us / Math.max(1, finishedUs - enteredUs)));
        group.callsShares.push(Math.min(1, callsUs / Math.max(1, finishedUs - enteredUs)));
        groups.set(`${request.route}\n${key}`, group);
      }
    }
    const lines = new Map<number, SourceLocation | null>();
    const lineOf = (site: number) => {
      if (!lines.has(site)) lines.set(site, loopLine(recording, site));
      return lines.get(site)!;
    };
    const value = [...groups.values()].map((group) => describe(group, lineOf));
    return { ok: true, value: value.sort((a, b) => b.seriesP50 - a.seriesP50 || b.requests - a.requests) };
  },
};

/** Of the route's typical request, the share that others' work may hold before it is what makes quick calls long. */
const OTHERS_SHARE = 0.15;

/** Whether a typical request spends at least `share` of its time on these calls, and not behind the work of others. */
export function callsHold(get: FactReader, { route, callsShare }: RepeatedCall, share: number): boolean {
  const behind = explainedBy(get(ledgers), ({ account }) => account === 'js/other', ['p50']).find((one) => one.route === route);
  return callsShare >= share && behind !== undefined && behind.share < OTHERS_SHARE;
}

interface Group {
  route: string;
  first: Wait;
  calls: Wait[];
  /** Per request that asked at all. */
  series: number[];
  spanMs: number[];
  spanShares: number[];
  callsShares: number[];
}

function byQuestion(waits: readonly Wait[]): Map<string, Wait[]> {
  const found = new Map<string, Wait[]>();
  for (const wait of waits) {
    if (!/^(?:http|net|db\/execute|cache\/execute)$/.test(wait.kind) || wait.failed || wait.refused || wait.dest === '(other)') continue;
    const key = `${wait.kind} ${wait.dest}\n${wait.shape}`;
    const list = found.get(key);
    if (list) list.push(wait);
    else found.set(key, [wait]);
  }
  return found;
}

/** The most calls of which each began when the one before was answered. `calls`: in order of their end. */
function seriesOf(calls: readonly Wait[], pauses: readonly Wait[]): { length: number; us: number; callsUs: number } {
  let length = 0;
  let callsUs = 0;
  let beganUs = 0;
  let lastEndUs = Number.NEGATIVE_INFINITY;
  for (const { startUs, endUs } of calls) {
    if (startUs < lastEndUs) continue;
    // Who waits on purpose before asking again asks whether something has changed: polling, or another try.
    const paused = pauses.some((pause) => pause.startUs >= lastEndUs && pause.endUs <= startUs);
    if (paused || length === 0) beganUs = startUs;
    length = paused ? 1 : length + 1;
    callsUs = (paused ? 0 : callsUs) + endUs - startUs;
    lastEndUs = endUs;
  }
  return { length, us: length === 0 ? 0 : lastEndUs - beganUs, callsUs };
}

function describe(
  { route, first, calls, series, spanMs, spanShares, callsShares }: Group,
  lineOf: (site: number) => SourceLocation | null,
): RepeatedCall {
  const lengths = ascending(series);
  const blank = first.dest.indexOf(' ');
  const lines = new Map<string, { location: SourceLocation; calls: number }>();
  let known = 0;
  for (const { site } of calls) {
    const location = lineOf(site);
    if (!location) continue;
    known++;
    const key = `${location.file}:${location.line}`;
    const line = lines.get(key) ?? { location, calls: 0 };
    line.calls++;
    lines.set(key, line);
  }
  const [most] = [...lines.values()].sort((a, b) => b.calls - a.calls);
  return {
    route,
    server: blank < 0 ? first.dest : first.dest.slice(0, blank),
    question: blank < 0 ? first.shape : first.dest.slice(blank + 1),
    entries: new Set(calls.map((call) => `${accountOf(call)} ${call.detail}`)),
    requests: series.length,
    seriesP10: quantile(lengths, 0.1),
    seriesP50: quantile(lengths, 0.5),
    seriesP90: quantile(lengths, 0.9),
    callP50Ms: quantile(ascending(calls.map(({ startUs, endUs }) => (endUs - startUs) / 1000)), 0.5),
    spanP50Ms: quantile(ascending(spanMs), 0.5),
    spanP90Ms: quantile(ascending(spanMs), 0.9),
    spanShare: quantile(ascending(spanShares), 0.5),
    callsShare: quantile(ascending(callsShares), 0.5),
    location: most?.location ?? null,
    lineShare: known === 0 ? 0 : most!.calls / known,
  };
}
