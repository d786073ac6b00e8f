import { isBooked } from '../../src/ledger/buckets.js';
import { buildLedgerContext } from '../../src/ledger/context.js';
import { joinPopulation, type Request } from '../../src/ledger/population.js';
import { bookRequest } from '../../src/ledger/request.js';
import type { AccountId, RequestLedger } from '../../src/model/ledger.js';
import type { Recording } from '../../src/model/recording.js';
import { type RouteName, WAITS } from './routes.js';
import type { Run } from './serve.js';
import { addHeld, readTruth, type Timeline, type Truth } from './truth.js';

/** One account of the mean request of one percentile neighbourhood. */
export interface Misbooked {
  route: RouteName;
  account: string;
  bucket: 'p50' | 'p99';
  requests: number;
  truthMs: number;
  ledgerMs: number;
  /** Signed, beyond what the truth leaves open. */
  errorMs: number;
  /** Within 1 ms or 5 % of the truth. */
  within: boolean;
}

export interface Comparison {
  matched: number;
  unmatched: number;
  /** Of the matched requests, those for which the probe kept the ledger, 0..1: it may keep it in windows only. */
  bookedShare: number;
  /** Left out because a collection that nobody asked for fell into their time: the server could not note it. */
  disturbed: number;
  /** Main-thread time per request, with what it had to wait for a core, and the share of the window that this was. */
  heldPerRequestUs: number;
  busyShare: number;
  errors: Misbooked[];
  /** Median and 99th percentile over requests of the largest error of any account, ms. */
  worstP50Ms: number;
  worstP99Ms: number;
  /** Share of wall time in named accounts, js/runtime counted up to 3 % of the wall. */
  namedShare: number;
  /** Share of wall time that the ledger itself calls estimated, 0..1. */
  estimatedShare: number;
  /** The requests whose ledger is furthest from the truth, in words; the worst of each route. */
  furthest: string[];
}

export const TOLERANCE_MS = 1;
export const TOLERANCE_SHARE = 0.05;
const RUNTIME_SHARE = 0.03;

interface Account {
  name: string;
  accounts: readonly AccountId[];
  /** What the truth says: the ledger is right anywhere between `low` and `high`. */
  low(truth: Truth): number;
  high?(truth: Truth): number;
  /** Of which requests the truth is known; absent: of all. */
  known?(truth: Truth): boolean;
}

const ACCOUNTS: readonly Account[] = [
  { name: 'own JS', accounts: ['js/own'], low: (t) => t.ownUs, high: (t) => t.ownUs + t.perhapsOwnUs },
  // Frameworks run for other requests outside their marks; nobody but the probe could say whose that was.
  { name: 'other JS and runtime', accounts: ['js/other', 'js/runtime'], low: (t) => t.otherUs, high: (t) => t.otherUs + t.unmarkedUs },
  { name: 'collector', accounts: ['js/gc'], low: (t) => t.gcUs },
  { name: 'no core', accounts: ['cpu/run-queue', 'cpu/throttled'], low: (t) => t.offCoreUs, high: (t) => t.offCoreUs + t.perhapsOffCoreUs },
  ...WAITS.filter(({ name }) => name !== 'pool').map(({ name, accounts }) => ({
    ...{ name, accounts, low: (t: Truth) => t.waits[name] ?? 0 },
    high: (t: Truth) => (t.waits[name] === undefined ? 0 : t.waits[name] + t.lateUs),
  })),
  {
    ...{ name: 'response', accounts: ['response'], known: (t) => t.readerUs !== undefined },
    // Until its client read on it was also at work sending.
    ...{
      low: (t) => Math.max(0, (t.readerUs?.[0] ?? 0) - t.unmarkedUs - t.offCoreUs - t.perhapsOffCoreUs),
      high: (t) => t.readerUs?.[1] ?? 0,
    },
  },
  { name: 'pool wait', accounts: ['pool/wait'], low: (t) => t.waits['pool/wait'] ?? 0 },
  {
    ...{ name: 'pool work', accounts: ['pool/work'] },
    // Seen when the thread had woken: what waking took was not the pool's.
    ...{ low: (t) => Math.max(0, (t.waits['pool/work'] ?? 0) - t.unmarkedUs - t.perhapsOffCoreUs), high: (t) => t.waits['pool/work'] ?? 0 },
  },
];

interface Pair {
  request: Request;
  ledger: RequestLedger;
  truth: Truth;
}

export function compare({ recording, truthFile, readings }: Run): Comparison {
  const truth = readTruth(truthFile, recording.header.clock.originUs);
  const { windowStartUs, windowEndUs } = recording.documents.session!;
  const population = joinPopulation(recording, windowStartUs, windowEndUs).filter(({ server, status }) => server && status === 200);
  const context = buildLedgerContext(recording);
  splitPool(truth.requests);
  readings.forEach(({ resumedUs, doneUs }, i) => {
    const served = truth.requests.filter(({ route }) => route === 'big')[i];
    const { originUs } = recording.header.clock;
    if (served) served.readerUs = [resumedUs - originUs - served.leaveUs, doneUs - originUs - served.leaveUs];
  });
  const pairs: Pair[] = [];
  const matched = match(population, truth.requests);
  const unasked = unaskedCollections(recording, truth);
  let disturbed = 0;
  for (const [request, own] of matched) {
    // The probe kept no ledger at that moment, and says so.
    if (!isBooked(request)) continue;
    if (unasked.some(([fromUs, toUs]) => request.sentUs < toUs && request.endUs > fromUs)) {
      disturbed++;
      continue;
    }
    addHeld(own, truth, request.sentUs, own.enterUs);
    // What others do once the answer was handed over is of no concern to a client that comes late to read it.
    addHeld(own, truth, own.leaveUs, Math.min(request.endUs, request.server!.finishedUs));
    // Only of an answer can it be said that it was late; on the way to and from the client nobody waited for one.
    own.lateUs = 0;
    for (const { fromUs, toUs } of own.ready) addHeld(own, truth, fromUs, toUs);
    pairs.push({ request, ledger: bookRequest(context, request), truth: own });
  }
  const worst = pairs.map(worstError).sort((a, b) => a - b);
  return {
    matched: pairs.length,
    unmatched: population.length - matched.length,
    bookedShare: (pairs.length + disturbed) / Math.max(1, matched.length),
    disturbed,
    ...loadOf(truth, windowStartUs, windowEndUs),
    errors: errorsOf(pairs),
    worstP50Ms: (worst[worst.length >> 1] ?? 0) / 1000,
    worstP99Ms: (worst[Math.floor(worst.length * 0.99)] ?? 0) / 1000,
    namedShare: namedShare(pairs),
    estimatedShare: estimatedShare(pairs),
    furthest: furthest(pairs),
  };
}

/** Handlers are entered in the order in which their requests were read; the ledger's request began just before the truth's. */
function match(population: readonly Request[], truths: readonly Truth[]): [Request, Truth][] {
  const pairs: [Request, Truth][] = [];
  for (const route of new Set(truths.map((truth) => truth.route))) {
    const own = truths.filter((truth) => truth.route === route).sort((a, b) => a.enterUs - b.enterUs);
    const asked = population
      .filter((request) => request.route === `GET /${route}/:id`)
      .sort((a, b) => a.server!.enteredUs - b.server!.enteredUs);
    let at = 0;
    asked.forEach((request, i) => {
      while (at < own.length && own[at]!.enterUs < request.server!.enteredUs - 100) at++;
      const candidate = own[at];
      const before = asked[i + 1]?.server?.enteredUs ?? Number.POSITIVE_INFINITY;
      if (!candidate || candidate.enterUs > Math.min(request.endUs, before + 100)) return;
      pairs.push([request, candidate]);
      at++;
    });
  }
  return pairs;
}

const LONG_COLLECTION_US = 500;

function unaskedCollections(recording: Recording, { intervals }: Timeline): [fromUs: number, toUs: number][] {
  const { gc } = recording.streams;
  const asked = intervals.filter(({ kind }) => kind === 'gc');
  const all = Array.from({ length: gc.rows }, (_, row): [number, number] => [gc.startUs[row]!, gc.startUs[row]! + gc.durUs[row]!]);
  return all.filter(([fromUs, toUs]) => toUs - fromUs > LONG_COLLECTION_US && !asked.some((one) => one.fromUs < toUs && one.toUs > fromUs));
}

/** First in, first out, four threads: when one came free for each task follows from when tasks came and ended (libuv src/threadpool.c). */
function splitPool(truths: readonly Truth[]): void {
  const freeAtUs = [0, 0, 0, 0];
  const handedInUs = (task: Truth) => task.leaveUs - (task.waits['pool'] ?? 0);
  const tasks = truths.filter(({ route }) => route === 'pool').sort((a, b) => handedInUs(a) - handedInUs(b));
  for (const task of tasks) {
    const thread = freeAtUs.indexOf(Math.min(...freeAtUs));
    const beganUs = Math.max(handedInUs(task), freeAtUs[thread]!);
    task.waits['pool/wait'] = beganUs - handedInUs(task);
    task.waits['pool/work'] = task.leaveUs - beganUs;
    freeAtUs[thread] = task.leaveUs;
  }
}

function errorsOf(pairs: readonly Pair[]): Misbooked[] {
  const errors: Misbooked[] = [];
  for (const route of new Set(pairs.map(({ truth }) => truth.route))) {
    const byWall = pairs.filter(({ truth }) => truth.route === route).sort((a, b) => a.ledger.wallUs - b.ledger.wallUs);
    const count = byWall.length;
    const middle = byWall.slice(Math.floor(count * 0.4), Math.max(1, Math.ceil(count * 0.6)));
    const slowest = byWall.slice(-Math.max(Math.ceil(count * 0.01), Math.min(5, Math.ceil(count / 10))));
    for (const [bucket, members] of [
      ['p50', middle],
      ['p99', slowest],
    ] as const) {
      for (const account of ACCOUNTS) {
        if (account.known && !members.some(({ truth }) => account.known!(truth))) continue;
        const low = mean(members.map(({ truth }) => account.low(truth))) / 1000;
        const high = account.high ? mean(members.map(({ truth }) => account.high!(truth))) / 1000 : low;
        const ledgerMs = mean(members.map(({ ledger }) => booked(ledger, account))) / 1000;
        if (low < 0.1 && ledgerMs < 0.1) continue;
        const errorMs = beyond(ledgerMs, low, high);
        const within = Math.abs(errorMs) <= Math.max(TOLERANCE_MS, TOLERANCE_SHARE * low);
        errors.push({ route, account: account.name, bucket, requests: members.length, truthMs: low, ledgerMs, errorMs, within });
      }
    }
  }
  return errors;
}

function errorOf(account: Account, { ledger, truth }: Pair): number {
  if (account.known?.(truth) === false) return 0;
  const low = account.low(truth);
  return beyond(booked(ledger, account), low, account.high?.(truth) ?? low);
}

function worstError(pair: Pair): number {
  return Math.max(...ACCOUNTS.map((account) => Math.abs(errorOf(account, pair))));
}

function furthest(pairs: readonly Pair[]): string[] {
  return [...new Set(pairs.map(({ truth }) => truth.route))].map((route) => {
    const own = pairs.filter(({ truth }) => truth.route === route);
    const { truth, ledger } = own.reduce((a, b) => (worstError(b) > worstError(a) ? b : a));
    const { ready: _, ...known } = truth;
    return `${JSON.stringify(known, rounded)}\n    ${JSON.stringify(ledger, rounded)}`;
  });
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value) : value;
}

function beyond(value: number, low: number, high: number): number {
  return value < low ? value - low : Math.max(0, value - high);
}

function booked({ entries }: RequestLedger, { accounts }: Account): number {
  return entries.filter((entry) => accounts.includes(entry.account)).reduce((sum, entry) => sum + entry.us, 0);
}

function namedShare(pairs: readonly Pair[]): number {
  let wall = 0;
  let named = 0;
  for (const { ledger } of pairs) {
    const of = (account: AccountId) => ledger.entries.filter((entry) => entry.account === account).reduce((sum, { us }) => sum + us, 0);
    wall += ledger.wallUs;
    named += ledger.wallUs - of('unattributed') - Math.max(0, of('js/runtime') - RUNTIME_SHARE * ledger.wallUs);
  }
  return wall > 0 ? named / wall : 1;
}

function estimatedShare(pairs: readonly Pair[]): number {
  const wallUs = pairs.reduce((sum, { ledger }) => sum + ledger.wallUs, 0);
  return pairs.reduce((sum, { ledger }) => sum + ledger.estimatedUs, 0) / Math.max(1, wallUs);
}

function loadOf({ intervals, requests }: Timeline, fromUs: number, toUs: number): Pick<Comparison, 'heldPerRequestUs' | 'busyShare'> {
  const inside = intervals.filter((interval) => interval.fromUs >= fromUs && interval.toUs <= toUs);
  const cpuUs = inside.reduce((sum, interval) => sum + interval.cpuUs, 0);
  const runqUs = inside.reduce((sum, interval) => sum + interval.runqUs, 0);
  const spanUs = (inside.at(-1)?.toUs ?? toUs) - (inside[0]?.fromUs ?? fromUs);
  const entered = requests.filter(({ enterUs }) => enterUs >= fromUs && enterUs < toUs).length;
  return { heldPerRequestUs: (cpuUs + runqUs) / Math.max(1, entered), busyShare: (cpuUs + runqUs) / Math.max(1, spanUs) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
