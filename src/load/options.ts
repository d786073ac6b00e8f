/**
 * Why a request got no answer. `refused`: nobody listens. `reset`: the connection was torn down. `timeout`: no complete answer in time.
 * `malformed`: what came is not HTTP/1. `closed`: the server hung up before the answer was complete. `unresolved`: the host has no address.
 * `unreachable`: no way to the host. `local`: this machine is out of ports or file descriptors. `backlog`: too many requests
 * already waited for a connection. `other`: any other failure of the socket.
 */
export const ERROR_KINDS = [
  'refused',
  'reset',
  'timeout',
  'malformed',
  'closed',
  'unresolved',
  'unreachable',
  'local',
  'backlog',
  'other',
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

export interface RequestTemplate {
  method: string;
  /** Path with query. "[1-500]" is replaced by a random integer of that range in each request. */
  path: string;
  /** Label for reports: "GET /path", without the query. */
  route: string;
  headers?: Record<string, string>;
  body?: string;
  /** Relative frequency, > 0. */
  weight: number;
}

export interface LoadOptions {
  host: string;
  port: number;
  requests: RequestTemplate[];
  /** `open`: Poisson arrivals that never wait for answers. `closed`: so many connections, each sends again when it was answered. */
  arrivals: { kind: 'open'; ratePerS: number } | { kind: 'closed'; connections: number };
  durationS: number;
  /** Most connections of open arrivals; default 1024. */
  maxConnections?: number;
  /** Per request, from the moment it has a connection (or, as long as it has none, from when it was due); default 30000. */
  timeoutMs?: number;
  /** process.hrtime in microseconds from which all times are counted. */
  originUs: number;
  /** Of arrivals and of the choice among requests; default 1. */
  seed?: number;
}

export interface LoadProgress {
  /** Requests written to a connection, answered completely, failed: since the start. */
  sent: number;
  done: number;
  errors: number;
  /** Since the start, from the intended send time; timeouts included. 0 before the first. */
  p50Ms: number;
  p99Ms: number;
  /** Due and not finished, with those that wait for a connection. */
  inFlight: number;
}

export interface LoadEvents {
  /** Row-major, columns as STREAMS.client. `route` indexes routesOf(requests), `error` ERROR_KINDS or -1. */
  rows(rows: Float64Array): void;
  progress?(progress: LoadProgress): void;
}

export interface LoadSummary {
  sent: number;
  /** Complete answers, whatever their status. Rows delivered = done + the sum of errors. */
  done: number;
  errors: Record<string, number>;
  /** Actual minus intended send time, without waits for a free connection; 0 for closed arrivals. */
  lagP50Us: number;
  lagP99Us: number;
  /** The generator's own lag is a tenth of the measured p99 or more: the latencies say more about it than about the server. */
  generatorLimited: boolean;
  /** Most connections open at one time. */
  connections: number;
  /** Requests had to wait because no further connection could be opened. */
  capReached: boolean;
}

export interface LoadRun {
  done: Promise<LoadSummary>;
  /** Sends no more, waits shortly for answers that are under way. */
  stop(): Promise<LoadSummary>;
}

/** After the last request this long for answers under way; what is missing then is booked as `timeout`. */
export const STRAGGLER_MS = 3_000;

/** The distinct routes in order of appearance: what the `route` column indexes. */
export function routesOf(requests: readonly RequestTemplate[]): string[] {
  return [...new Set(requests.map((request) => request.route))];
}
