import type { Bucket } from './units.js';

/** Owners of a request's wall time. Each instant of a request has exactly one. */
export type AccountId =
  | 'arrival'
  | 'js/own'
  | 'js/other'
  | 'js/gc'
  | 'js/runtime'
  | 'cpu/run-queue'
  | 'cpu/throttled'
  | 'pool/wait'
  | 'pool/work'
  | 'db/pool-wait'
  | 'db/connect'
  | 'db/execute'
  | 'cache/pool-wait'
  | 'cache/connect'
  | 'cache/execute'
  | 'http/pool-wait'
  | 'net/dns'
  | 'net/connect'
  | 'net/tls'
  | 'net/response'
  | 'http/response'
  | 'wait/lock'
  | 'wait/timer'
  | 'wait/worker'
  | 'wait/child'
  | 'wait/queue'
  | 'wait/stream'
  | 'wait/other'
  | 'response'
  | 'unattributed';

/** `detail` names who or where: a route, a destination, "function file:line". */
export interface Entry {
  account: AccountId;
  detail?: string;
  us: number;
}

/** One request's wall time, booked completely: the entries' `us` (integers) add up to `wallUs`. */
export interface RequestLedger {
  proc: number;
  id: number;
  route: string;
  startUs: number;
  wallUs: number;
  status: number;
  entries: Entry[];
  /** Part of `wallUs` that was split by rule rather than seen. */
  estimatedUs: number;
}

/** The mean request of one bucket: entries' `us` (integers) add up to `measuredUs`. */
export interface BucketLedger {
  bucket: Bucket;
  requests: number;
  measuredUs: number;
  entries: Entry[];
  estimatedUs: number;
}

export interface RouteLedger {
  route: string;
  buckets: BucketLedger[];
}
