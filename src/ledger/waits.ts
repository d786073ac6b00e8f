import type { AccountId } from '../model/ledger.js';
import { type Recording, WaitFlag } from '../model/recording.js';
import { awaitSites } from './await-sites.js';
import { covers } from './coverage.js';
import { orderInPolls } from './poll-order.js';
import { busySince, type Timeline } from './timeline.js';

/** One wait of one request. `key` groups waits that should take alike: same kind, destination and call site. */
export interface Wait {
  readonly row: number;
  readonly kind: string;
  readonly dest: string;
  /** Of an outgoing HTTP call: "GET /users/:id"; empty where that is not known. */
  readonly shape: string;
  /** Equal for those that ask for exactly the same; -1 where that is not known. */
  readonly same: number;
  /** What the report shows beside its account. */
  readonly detail: string;
  readonly site: number;
  readonly startUs: number;
  readonly endUs: number;
  /** Between these moments the answer came, or the timer was due: what the loop knew of it. Infinite where it knew nothing. */
  readonly notBeforeUs: number;
  readonly readyByUs: number;
  readonly key: string;
  readonly failed: boolean;
  /** What it waited for had not come when its request ended. */
  readonly open: boolean;
  /** The other side answered that it can't. */
  readonly refused: boolean;
  /** A connection was opened for it. */
  readonly opened: boolean;
  /** Parts of it that have accounts of their own; they do not overlap. */
  readonly phases: readonly Phase[];
}

interface Phase {
  readonly account: AccountId;
  readonly startUs: number;
  readonly endUs: number;
}

const NO_PHASES: readonly Phase[] = [];

/** The account that a wait's own time goes to. Pool waits are split further into queueing and work. */
const ACCOUNT_OF_KIND: Record<string, AccountId> = {
  http: 'http/response',
  net: 'net/response',
  dns: 'net/dns',
  timer: 'wait/timer',
  worker: 'wait/worker',
  child: 'wait/child',
  queue: 'wait/queue',
  stream: 'wait/stream',
  'db/pool-wait': 'db/pool-wait',
  'db/connect': 'db/connect',
  'db/execute': 'db/execute',
  'cache/pool-wait': 'cache/pool-wait',
  'cache/connect': 'cache/connect',
  'cache/execute': 'cache/execute',
  handover: 'wait/lock',
  promise: 'wait/other',
};

export function accountOf(wait: Wait): AccountId {
  if (wait.kind === 'pool/dns') return 'net/dns';
  if (wait.kind.startsWith('pool/')) return 'pool/work';
  return ACCOUNT_OF_KIND[wait.kind] ?? 'wait/other';
}

export interface WaitIndex {
  /** Waits of one request in order of their end. */
  of(proc: number, owner: number): readonly Wait[];
  /** When this one went on after a promise that no wait of `of` had settled: kinds `handover` and `promise`, in order of time. */
  promisesOf(proc: number, owner: number): readonly Wait[];
  readonly all: readonly (Wait & { proc: number; owner: number })[];
  /** Questions to others that had no answer yet when the recording ended; `of` and `all` do not have them. */
  readonly unanswered: readonly (Wait & { proc: number; owner: number })[];
  /**
   * How long waits like this one take with nobody in their way: the median of those whose answer found the loop idle. Where the loop never
   * was, the shortest ones tell: nobody can have been in their way for long. Null of waits that were seen only once or twice.
   */
  typicalUs(key: string): number | null;
}

export function indexWaits(recording: Recording, timelines: readonly Timeline[]): WaitIndex {
  const { waits } = recording.streams;
  const phases = indexPhases(recording);
  const detailOf = detailsOf(recording);
  const siteOf = awaitSites(recording);
  const order = orderInPolls(recording);
  const byOwner = new Map<string, Wait[]>();
  const promises = new Map<string, Wait[]>();
  const all: (Wait & { proc: number; owner: number })[] = [];
  const unanswered: (Wait & { proc: number; owner: number })[] = [];
  const free = new Map<string, number[]>();
  const any = new Map<string, number[]>();
  for (let row = 0; row < waits.rows; row++) {
    const kind = recording.strings[waits.kind[row]!] ?? 'other';
    const dest = waits.dest[row]! >= 0 ? (recording.strings[waits.dest[row]!] ?? '') : '';
    const site = siteOf(row);
    const proc = waits.proc[row]!;
    const owner = waits.owner[row]!;
    const endUs = waits.endUs[row]!;
    const startUs = waits.startUs[row]!;
    const wait = {
      row,
      kind,
      dest,
      shape: recording.strings[waits.shape[row]!] ?? '',
      same: waits.same[row]!,
      detail: detailOf(kind, dest, site),
      site,
      startUs,
      endUs,
      ...order.narrow(proc, {
        ...{ kind, startUs, endUs },
        notBeforeUs: waits.notBeforeUs[row]! >= 0 ? waits.notBeforeUs[row]! : Number.NEGATIVE_INFINITY,
        readyByUs: waits.readyByUs[row]! >= 0 ? waits.readyByUs[row]! : Number.POSITIVE_INFINITY,
      }),
      key: `${kind} ${dest} ${site}`,
      failed: (waits.flags[row]! & WaitFlag.failed) !== 0,
      open: (waits.flags[row]! & WaitFlag.open) !== 0,
      refused: (waits.flags[row]! & WaitFlag.refused) !== 0,
      opened: (waits.flags[row]! & WaitFlag.opened) !== 0,
      phases: (kind === 'http' && phases.get(`${proc} ${owner} ${startUs}`)) || NO_PHASES,
      proc,
      owner,
    };
    const onPromise = kind === 'handover' || kind === 'promise';
    if (wait.open && !onPromise) {
      unanswered.push(wait);
      continue;
    }
    const into = onPromise ? promises : byOwner;
    const owned = into.get(`${proc} ${owner}`);
    if (owned) owned.push(wait);
    else into.set(`${proc} ${owner}`, [wait]);
    if (onPromise) continue;
    all.push(wait);
    collect(any, wait.key, endUs - startUs);
    const timeline = timelines[proc];
    if (timeline && covers(timeline.coverage, startUs, endUs) && busySince(timeline, endUs) >= endUs - FREE_WITHIN_US) {
      collect(free, wait.key, endUs - startUs);
    }
  }
  for (const list of [...byOwner.values(), ...promises.values()]) list.sort((a, b) => a.endUs - b.endUs);
  const typical = new Map<string, number>();
  for (const [key, list] of any) if (list.length >= FEWEST) typical.set(key, quantile(list, SHORTEST));
  for (const [key, list] of free) typical.set(key, quantile(list, 0.5));
  return {
    of: (proc, owner) => byOwner.get(`${proc} ${owner}`) ?? [],
    promisesOf: (proc, owner) => promises.get(`${proc} ${owner}`) ?? [],
    all,
    unanswered,
    typicalUs: (key) => typical.get(key) ?? null,
  };
}

/**
 * "SELECT name FROM users WHERE id = ? at src/users.ts:12 on postgres://127.0.0.1:5432/shop" for what servers are asked, "src/lock.ts:8"
 * for promises; other waits are known by their destination alone.
 */
function detailsOf(recording: Recording): (kind: string, dest: string, site: number) => string {
  const details = new Map<string, string>();
  return (kind, dest, site) => {
    const onPromise = kind === 'handover' || kind === 'promise';
    if (!onPromise && !/^(db|cache)\/|^queue$/.test(kind)) return dest;
    const key = `${site} ${onPromise ? kind : dest}`;
    const known = details.get(key);
    if (known !== undefined) return known;
    const frame = recording.documents.sites[site]?.frames.find(({ source }) => source === 'app');
    const place = frame ? `${frame.file}:${frame.line}` : '';
    const blank = dest.indexOf(' ');
    const what = blank < 0 ? 'opened' : dest.slice(blank + 1);
    const detail = onPromise ? place : `${what}${place && ` at ${place}`} on ${blank < 0 ? dest : dest.slice(0, blank)}`;
    details.set(key, detail);
    return detail;
  };
}

const PHASES: ReadonlySet<string> = new Set<AccountId>(['http/pool-wait', 'net/dns', 'net/connect', 'net/tls']);

function indexPhases(recording: Recording): ReadonlyMap<string, Phase[]> {
  const { phases } = recording.streams;
  const byWait = new Map<string, Phase[]>();
  for (let row = 0; row < phases.rows; row++) {
    const account = recording.strings[phases.kind[row]!] ?? '';
    if (!PHASES.has(account)) continue;
    const key = `${phases.proc[row]} ${phases.owner[row]} ${phases.waitStartUs[row]}`;
    const phase = { account: account as AccountId, startUs: phases.startUs[row]!, endUs: phases.endUs[row]! };
    const list = byWait.get(key);
    if (!list) byWait.set(key, [phase]);
    else if (phase.startUs >= list[list.length - 1]!.endUs) list.push(phase);
  }
  return byWait;
}

/** A callback that runs this soon after the loop woke was not held up by anybody. */
const FREE_WITHIN_US = 500;
/** Of so many waits the shortest are taken for undisturbed. */
const FEWEST = 10;
const SHORTEST = 0.05;
const MOST_DURATIONS = 2000;

function collect(into: Map<string, number[]>, key: string, us: number): void {
  const list = into.get(key);
  if (!list) into.set(key, [us]);
  else if (list.length < MOST_DURATIONS) list.push(us);
}

function quantile(list: number[], share: number): number {
  return list.sort((a, b) => a - b)[Math.floor(list.length * share)]!;
}
