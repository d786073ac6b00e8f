import type { TallyData } from './tally.js';

/**
 * Why a request got no answer. `refused`: nobody listens. `reset`: the connection was torn down. `timeout`: no complete answer in time.
 * `malformed`: what came is not the protocol. `closed`: the server hung up before it answered; `truncated`: in the middle of its
 * answer. `unresolved`: the host has no address. `unreachable`: no way to the host. `local`: this machine is out of ports or file
 * descriptors. `backlog`: too many requests already waited for a connection. `tls`: no agreement on encryption or certificate.
 * `other`: any other failure of the socket. Recordings hold the names; the order is free.
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
  'truncated',
  'tls',
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

/**
 * `open`: arrivals that never wait for answers, Poisson unless said otherwise; with `rampToPerS` the rate changes linearly over the
 * window. `phase`, 0..1: where in the first gap uniform arrivals begin (threads share a rate by it). `trace`: request i is due
 * `atUs[i]` after the start, in order. `closed`: so many clients, each sends again when it was answered.
 */
export type Arrivals =
  | { kind: 'open'; ratePerS: number; rampToPerS?: number; spacing?: 'poisson' | 'uniform'; phase?: number }
  | { kind: 'trace'; atUs: Float64Array }
  | { kind: 'closed'; connections: number };

export interface LoadOptions {
  /** Name or address to connect to. */
  host: string;
  port: number;
  /** For the Host header, where it is not host and port. */
  authority?: string;
  /** `servername`: for SNI and the certificate; '' for an address. `insecure`: any certificate will do. */
  tls?: { servername: string; insecure: boolean };
  /** Default http1. `websocket`: `requests` are messages, each answered by one that comes back. */
  protocol?: 'http1' | 'http2' | 'websocket';
  /** Over WebSocket: so many sockets, and a message is answered when all of them but its sender got it. */
  broadcast?: number;
  /** Most requests at a time over one HTTP/2 connection; the server may allow fewer. Default 100, with closed arrivals 10. */
  streams?: number;
  /** Of every request that has not its own. */
  headers?: Record<string, string>;
  requests: RequestTemplate[];
  /** Requests one after the other, as they stand, instead of drawn by weight. So it always is with a trace. */
  inOrder?: boolean;
  /** File of users who go through sequences of requests; `requests` are then its templates, and an arrival is a user. */
  scenario?: string;
  arrivals: Arrivals;
  durationS: number;
  /** The first part of `durationS`, which the tally leaves out; default 0. */
  warmupS?: number;
  /** Most connections of open arrivals; default 1024. */
  maxConnections?: number;
  /** Per request, from the moment it has a connection (or, as long as it has none, from when it was due); default 30000. */
  timeoutMs?: number;
  /** After the last request this long for answers under way; what is missing then is booked as `timeout`. Default STRAGGLER_MS. */
  graceMs?: number;
  /** process.hrtime in microseconds from which all times are counted. */
  originUs: number;
  /** Of arrivals and of the choice among requests; default 1. */
  seed?: number;
  /** Between tallies; default 1000. */
  tallyMs?: number;
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
  rows?(rows: Float64Array): void;
  /** What happened in one interval of the window, about once a second. */
  tally?(tally: TallyData): void;
  progress?(progress: LoadProgress): void;
  /** The window begins; no further requests are sent. */
  phase?(phase: 'window' | 'draining'): void;
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
  /** Connections on which bytes came that belong to no answer: the server's framing is wrong. */
  overruns: number;
  /** Share of its time that the generating thread was busy, 0..1. */
  busyShare: number;
}

export interface LoadRun {
  done: Promise<LoadSummary>;
  /** Sends no more, waits shortly for answers that are under way. */
  stop(): Promise<LoadSummary>;
}

/** Default of `graceMs`. */
export const STRAGGLER_MS = 3_000;

/** The distinct routes in order of appearance: what the `route` column indexes. */
export function routesOf(requests: readonly RequestTemplate[]): string[] {
  return [...new Set(requests.map((request) => request.route))];
}
