import type { AccountId } from '../model/ledger.js';
import type { Recording } from '../model/recording.js';
import { covers } from './coverage.js';
import { busySince, type Timeline } from './timeline.js';

/** One wait of one request. `key` groups waits that should take alike: same kind, destination and call site. */
export interface Wait {
  readonly row: number;
  readonly kind: string;
  readonly dest: string;
  readonly site: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly key: string;
  readonly failed: boolean;
}

/** The account that a wait's own time goes to. Pool waits are split further into queueing and work. */
const ACCOUNT_OF_KIND: Record<string, AccountId> = {
  http: 'http/response',
  dns: 'net/dns',
  timer: 'wait/timer',
  worker: 'wait/worker',
  child: 'wait/child',
  queue: 'wait/queue',
  'db/pool-wait': 'db/pool-wait',
  'db/connect': 'db/connect',
  'db/execute': 'db/execute',
  'cache/pool-wait': 'cache/pool-wait',
  'cache/connect': 'cache/connect',
  'cache/execute': 'cache/execute',
};

export function accountOf(wait: Wait): AccountId {
  if (wait.kind.startsWith('pool/')) return 'pool/work';
  return ACCOUNT_OF_KIND[wait.kind] ?? 'wait/other';
}

export interface WaitIndex {
  /** Waits of one request in order of their end. */
  of(proc: number, owner: number): readonly Wait[];
  readonly all: readonly (Wait & { proc: number; owner: number })[];
  /** Median duration of this wait's kind when the loop was idle as its answer came, i.e. with nobody in its way; null if never seen so. */
  typicalUs(key: string): number | null;
}

export function indexWaits(recording: Recording, timelines: readonly Timeline[]): WaitIndex {
  const { waits } = recording.streams;
  const byOwner = new Map<string, Wait[]>();
  const all: (Wait & { proc: number; owner: number })[] = [];
  const free = new Map<string, number[]>();
  for (let row = 0; row < waits.rows; row++) {
    const kind = recording.strings[waits.kind[row]!] ?? 'other';
    const dest = waits.dest[row]! >= 0 ? (recording.strings[waits.dest[row]!] ?? '') : '';
    const site = waits.site[row]!;
    const proc = waits.proc[row]!;
    const owner = waits.owner[row]!;
    const endUs = waits.endUs[row]!;
    const startUs = waits.startUs[row]!;
    const wait = {
      row,
      kind,
      dest,
      site,
      startUs,
      endUs,
      key: `${kind} ${dest} ${site}`,
      failed: (waits.flags[row]! & 1) !== 0,
      proc,
      owner,
    };
    all.push(wait);
    const owned = byOwner.get(`${proc} ${owner}`);
    if (owned) owned.push(wait);
    else byOwner.set(`${proc} ${owner}`, [wait]);
    const timeline = timelines[proc];
    if (timeline && covers(timeline.coverage, startUs, endUs) && busySince(timeline, endUs) >= endUs - FREE_WITHIN_US) {
      const list = free.get(wait.key);
      if (!list) free.set(wait.key, [endUs - startUs]);
      else if (list.length < 2000) list.push(endUs - startUs);
    }
  }
  for (const list of byOwner.values()) list.sort((a, b) => a.endUs - b.endUs);
  const typical = new Map<string, number>();
  for (const [key, list] of free) typical.set(key, list.sort((a, b) => a - b)[list.length >> 1]!);
  return { of: (proc, owner) => byOwner.get(`${proc} ${owner}`) ?? [], all, typicalUs: (key) => typical.get(key) ?? null };
}

/** A callback that runs this soon after the loop woke was not held up by anybody. */
const FREE_WITHIN_US = 500;
