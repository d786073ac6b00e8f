import type { Depth } from './options.js';

/**
 * What a recording session saw, as it lies in memory.
 *
 * Every time is an integer number of microseconds on one monotonic clock (CLOCK_MONOTONIC; process.hrtime in all
 * processes of one machine), counted from `header.clock.originUs`. Text that repeats is an index into `strings`.
 */
export interface Recording {
  readonly header: RecordingHeader;
  readonly strings: readonly string[];
  readonly streams: { readonly [S in StreamName]: Table<S> };
  readonly documents: Documents;
  /** What the reader had to leave out (torn tail, unknown block); shown in the report. */
  readonly warnings: readonly string[];
}

export interface RecordingHeader {
  schemaVersion: 1;
  ddxVersion: string;
  /** `originUs`: hrtime of zero in this file. `wallEpochMs`: Date.now() at that moment. */
  clock: { originUs: number; wallEpochMs: number };
  machine: { platform: string; arch: string; cores: number; cpuModel: string; memoryBytes: number; kernel: string };
  target: { command: string[]; cwd: string; pid: number; port: number | null };
  depth: Depth;
}

/**
 * Streams and their columns. Every value is an integer within +-2^53; -1 means "not known".
 * `proc` is an index into documents.processes.
 */
export const STREAMS = {
  /** One row per request seen by the probe, written when it ended. `id` > 0 is unique within `proc`. `route`: strings
   *  ("GET /orders/:id"). `port`: the client's port, to match with `client`. `ownUs`: wall time its JavaScript held the main thread.
   *  `flags`: RequestFlag bits. `polledUs`: when the event loop read the batch that it came in; it had lain in the kernel since then
   *  or longer. `answeredUs`: when its handler ended the response; what follows is its client's and the network's.
   *  `bodyFromUs`, `bodyUs`: between these moments nothing but its client was waited for to have sent the whole body; -1: there was none, it
   *  never came, or nobody looked. */
  requests: [
    'proc',
    'id',
    'startUs',
    'endUs',
    'route',
    'status',
    'bytes',
    'port',
    'ownUs',
    'flags',
    'polledUs',
    'answeredUs',
    'bodyFromUs',
    'bodyUs',
  ],
  /** One row per request of our own load generator. `intendedUs`: when it was due; `sentUs`: when it was written; `firstByteUs`, `doneUs`.
   *  `port`: local port of the connection. `status` 0 = no response, `error`: strings or -1. `route`: strings, the template asked for. */
  client: ['intendedUs', 'sentUs', 'firstByteUs', 'doneUs', 'route', 'status', 'error', 'port', 'bytes'],
  /** A stretch in which the main thread of `proc` ran on behalf of one owner: a request id, or 0 = nobody known.
   *  Stretches of one process never overlap; what lies between two of them the event loop spent waiting in the kernel (idle). Two of
   *  one owner that touch have a poll of the loop between them, in which others could have their turn. */
  turns: ['proc', 'startUs', 'durUs', 'owner'],
  /** A stretch in which the owner ledger (`turns`, `ownUs`) was kept and nobody unknown was at work any more. No rows: kept all the time.
   *  Requests that do not lie within one stretch are counted and timed, but not booked. */
  coverage: ['proc', 'startUs', 'endUs'],
  /** What the probe costs, tried on the target itself: a stretch in which its hooks were as `level` says (TrialLevel). `cpuUs`: CPU time
   *  of the main thread in it, without what switching took; `requests`: entered in it. */
  trials: ['proc', 'startUs', 'endUs', 'level', 'cpuUs', 'requests'],
  /** A wait a request began and that was answered. `kind`: strings, a WaitKind. `site`: documents.sites or -1. `dest`: strings or -1
   *  ("http://tax.internal:8080", "fs.readFile", "pbkdf2"). `owner` 0 = no request. `flags`: WaitFlag bits.
   *  `notBeforeUs`, `readyByUs`: between these moments the answer reached the process, or the timer was due, however late it was handled.
   *  Of `handover` and `promise`: `site` is where it was awaited, known of some of them only; `by`: the owner whose work settled it, 0 =
   *  no request's; `bySite`: the await that the owner `by` had gone on from when it did.
   *  `shape`: strings, of an outgoing HTTP call what is asked for, without values: "GET /users/:id"; "GET /users by pages" where the query
   *  asks for one page of many. `same`: of a GET or a statement, a running number of what exactly it asks for, equal where that is the same;
   *  it tells nothing else. */
  waits: [
    'proc',
    'owner',
    'kind',
    'site',
    'dest',
    'startUs',
    'endUs',
    'flags',
    'notBeforeUs',
    'readyByUs',
    'by',
    'bySite',
    'shape',
    'same',
  ],
  /** A part of a wait of `owner` that began at `waitStartUs`, spent on something of its own. `kind`: strings, a PhaseKind; what lies
   *  between phases the wait keeps for itself. */
  phases: ['proc', 'owner', 'waitStartUs', 'kind', 'startUs', 'endUs'],
  /** The main thread, from inside: of the stretch that begins at `startUs` it was runnable without a core for `runqUs`. Only stretches
   *  in which that happened; present where `features.stalls` of the process is true. */
  stalls: ['proc', 'startUs', 'durUs', 'runqUs'],
  /** A stretch of 50 ms or more in which the loop did not come round once although callbacks ended in it: `calls` of them, or of promises'
   *  continuations, the longest of `longestUs`. Present where `features.unpolled` of the process is true. */
  unpolled: ['proc', 'startUs', 'durUs', 'calls', 'longestUs'],
  /** One garbage collection. `kind`: strings ("scavenge" "mark-sweep" "incremental" "weak"). Sizes: V8 heap used, bytes. */
  gc: ['proc', 'startUs', 'durUs', 'kind', 'usedBefore', 'usedAfter'],
  /** Every 250 ms from inside. `activeUs` + `idleUs` = event-loop utilisation of the interval ending at `tUs`. Delays from a histogram. */
  loop: ['proc', 'tUs', 'activeUs', 'idleUs', 'delayP50Us', 'delayP99Us', 'delayMaxUs'],
  /** Every 500 ms from inside, bytes. */
  heap: ['proc', 'tUs', 'heapUsed', 'heapTotal', 'heapLimit', 'external', 'arrayBuffers', 'rss'],
  /** How long a tiny fs.stat took through libuv's thread pool (queueing + work); `tUs`: when it was handed in. */
  poolProbe: ['proc', 'tUs', 'latencyUs'],
  /** CPU profile samples: `node` is an id in documents.profiles[proc].nodes. */
  samples: ['proc', 'tUs', 'node'],
  /** Outside, per thread and sampling interval; increments since the previous sample. `kind`: strings ("main" "worker" "libuv" "v8" "other"). */
  threads: ['proc', 'tid', 'kind', 'tUs', 'cpuUs', 'runqUs', 'volSwitches', 'involSwitches'],
  /** Outside, per process of the target's tree; levels. `pss` seldom, else -1. `fds`: open descriptors, `sockets` of them; `fdLimit`: how
   *  many it may have open (soft limit). `nice`: of the main thread, 0 for negative ones. */
  process: ['proc', 'tUs', 'rss', 'pss', 'fds', 'threads', 'sockets', 'fdLimit', 'nice'],
  /** Outside, whole machine; increments. `treeCpuUs`: what the target's process tree used of `busyUs`; `ddxCpuUs`: what ddx itself
   *  (with its load generator) used; the rest of `busyUs` are neighbours. `runnable`: procs_running at that moment. */
  machine: ['tUs', 'busyUs', 'idleUs', 'stealUs', 'treeCpuUs', 'ddxCpuUs', 'runnable'],
  /** Outside, the target's cgroup (v1 or v2); increments. */
  cgroup: ['tUs', 'periods', 'throttledPeriods', 'throttledUs'],
} as const;

/** Columns that hold indices into `strings`; all others are numbers. */
export const STRING_COLUMNS: Partial<Record<keyof typeof STREAMS, readonly string[]>> = {
  requests: ['route'],
  client: ['route', 'error'],
  waits: ['kind', 'dest', 'shape'],
  phases: ['kind'],
  gc: ['kind'],
  threads: ['kind'],
};

export type StreamName = keyof typeof STREAMS;
export type Column<S extends StreamName> = (typeof STREAMS)[S][number];
export type Table<S extends StreamName> = { readonly rows: number } & { readonly [C in Column<S>]: Float64Array };

/** `first`: on its connection. `unkept`: its client did not ask to keep the connection. `closed`: the answer said that the connection ends.
 *  Of HTTP/1, where `features.incoming` of the process is true. */
export const RequestFlag = { aborted: 1, turnsIncomplete: 2, first: 4, unkept: 8, closed: 16 } as const;
/** none: every hook of the probe off; cheap: all but the owner ledger and the waits; all: everything on. */
export const TrialLevel = { none: 0, cheap: 1, all: 2 } as const;
/** `open`: its request ended, or the recording did, before it was answered. `asking`: beside an open one, its request had asked somebody
 *  else, or set a timer, and had no answer yet. `refused`: the other side said that it can't (HTTP 429, 5xx). `opened`: of an outgoing HTTP
 *  call, a connection was opened for it. */
export const WaitFlag = { failed: 1, open: 2, refused: 4, asking: 8, opened: 16 } as const;

/**
 * What a wait is spent on; the ledger maps each kind to accounts. The probe may send others, which are booked as `wait/other`.
 * `handover`: another request's work settled the promise that this one waited for (a lock, a queue, a shared answer).
 * `promise`: a promise that no known wait and no other request's work settled, or that never was.
 * `pool/*` are tasks for libuv's thread pool (queueing and work together). `db/*` and `cache/*`: waiting for a free connection, opening
 * one, the server's answer; `dest` is the server ("postgres://127.0.0.1:5432/shop"), then a blank and the statement without its values, the
 * command's name, or "pool of 10". `queue`: a message broker. `db/held`: no wait, a connection of a pool that was given
 * out and not given back, and over which nothing was asked when the recording ended; always `open`.
 * `stream`: from the write that filled a stream until it had drained.
 */
export type WaitKind =
  | 'http'
  | 'net'
  | 'dns'
  | 'timer'
  | 'worker'
  | 'child'
  | 'queue'
  | 'stream'
  | 'handover'
  | 'promise'
  | `pool/${'fs' | 'dns' | 'crypto' | 'zlib'}`
  | 'db/held'
  | `${'db' | 'cache'}/${'pool-wait' | 'connect' | 'execute'}`;

/** Parts of an outgoing HTTP call before the other side has it: a free connection, the name, the connection, TLS. Named as accounts are. */
export type PhaseKind = 'http/pool-wait' | 'net/dns' | 'net/connect' | 'net/tls';

export interface Documents {
  /** Filled by capture at the end: the part of the recording that is judged, and how the session ended. */
  session?: SessionDocument;
  processes: ProcessDocument[];
  /** Where waits, workers and timers were begun. Index = `site` column. */
  sites: SiteDocument[];
  /** Index = proc; null where no profile was taken. */
  profiles: (ProfileDocument | null)[];
  /** Index = proc: live heap by allocation stack, two or more moments apart. */
  heapProfiles: (HeapProfileDocument | null)[];
  /** Lines of the user's own source that findings may show, secrets removed. */
  sources: SourceDocument[];
  /** Threads and processes the target started: where, when. */
  spawns: SpawnDocument[];
  /** Blocks of a main thread that were caught while they lasted. Absent where nobody looked. */
  blocks?: BlockDocument[];
  /** Files and sockets that the target opened in the window and had not closed at its end. Absent where nobody looked. */
  openFiles?: OpenFilesDocument[];
  /** Intervals and listeners of the window that were there at its end. Absent where there were none, or nobody looked. */
  lasting?: LastingDocument[];
  /** Where a process set its own priority. Absent where none did, or nobody looked. */
  priorities?: PriorityDocument[];
  /** For how long servers keep the connections of their clients. Absent where nobody looked. */
  incoming?: IncomingDocument[];
  /** The queue of the port that the target serves. Absent where it could not be read. */
  listenQueue?: ListenQueueDocument;
}

export interface SessionDocument {
  /** The window that is judged (after warm-up). */
  windowStartUs: number;
  windowEndUs: number;
  load: { kind: 'open' | 'closed'; ratePerS: number | null; connections: number | null; routes: string[] } | null;
  /** Kept complete or with gaps: rows that were dropped to stay bounded, per stream. */
  dropped: Partial<Record<StreamName, number>>;
  end: 'duration' | 'interrupted' | 'target-exit';
  targetExit: { code: number | null; signal: string | null } | null;
  /** Last lines of the target's stderr when it failed, secrets removed; else empty. */
  stderrTail: string[];
  limits: { quotaCores: number | null; memoryBytes: number | null; usableCores: number; poolThreads: number };
  /** Which sources fed this recording and why others did not. */
  sources: { name: string; active: boolean; because?: string }[];
  /** Main-thread CPU that the probe itself measured for its own bookkeeping, share of the window 0..1; -1 unknown. */
  probeShare: number;
  /** p50/p99 of actual minus intended send time of our own generator, excluding waits for a free connection. */
  generatorLag: { p50Us: number; p99Us: number } | null;
}

export interface ProcessDocument {
  pid: number;
  ppid: number;
  /** "target": serves the port under load (several in a cluster); "child": the rest of the tree, seen from outside only. */
  role: 'target' | 'child';
  runtime: string;
  versions: Record<string, string>;
  title: string;
  /** Features the probe found and used, and those it could not. */
  features: Record<string, boolean>;
}

/** A position in source. `file` is relative to the target's cwd where it lies below it; lines and columns count from 1. */
export interface SourceLocation {
  file: string;
  line: number;
  column?: number;
  function: string;
  source: 'app' | 'dependency' | 'node' | 'native';
}

/** Innermost first. Positions are already resolved through source maps. */
export interface SiteDocument {
  frames: SourceLocation[];
  /** Frames from this index on were not running: each awaits the one before it. Absent where none awaits. */
  asyncFrom?: number;
}

/** A block of a main thread whose exact stack was taken while it lasted: an observation, where a profile is a sample. */
export interface BlockDocument extends Pick<SiteDocument, 'frames'> {
  proc: number;
  /** When it began, or was first seen where nobody saw it begin; -1 not known. */
  startUs: number;
  /** Until when it is known to have lasted; it may have gone on. */
  endUs: number;
  /** The request whose code it is; 0 = nobody known. */
  owner: number;
  /** Path of that request's URL, never its query; null where it could not be read. */
  urlPath: string | null;
}

/** `interval`: by call site. `listener`: of one emitter that Node warned of; listeners taken off count as less. */
export interface LastingDocument {
  proc: number;
  kind: 'interval' | 'listener';
  /** Index in documents.sites of the call that began them; -1 not known. */
  site: number;
  /** How many of them were begun in each quarter of the window. */
  begun: number[];
}

export interface PriorityDocument {
  proc: number;
  /** Index in documents.sites. */
  site: number;
}

/** Of HTTP/1. Settings are those of the server that was last seen to take a connection; -1 where none was. */
export interface IncomingDocument {
  proc: number;
  /** Index in documents.sites of the call by which it listens; -1 not known. */
  site: number;
  /** An idle connection is closed after so long; 0: never. */
  keepAliveMs: number;
  /** A connection is closed after so many requests; 0: never. */
  maxRequests: number;
  /** Connections that it closed in the window because they were idle for so long. */
  idleClosed: number;
}

export interface ListenQueueDocument {
  port: number;
  /** How many connections may wait to be accepted. */
  backlog: number;
  /** Attempts to connect that found no room, from the beginning of the window to the end of the recording. */
  dropped: number;
}

export interface OpenFilesDocument {
  proc: number;
  /** Index in documents.sites of the call that opened them; -1 not known. */
  site: number;
  count: number;
}

export interface ProfileDocument {
  /** Index = position in array; `parent` -1 for the root. `ticks`: [line, samples] of this node's own samples, source-mapped. */
  nodes: { parent: number; location: SourceLocation; ticks: [number, number][] }[];
  intervalUs: number;
}

export interface HeapProfileDocument {
  /**
   * Allocation stacks, innermost first; `liveBytes[i]` belongs to `tUs[i]`. Sampled: expect +-10 %. `addedBytes`: of what was alive at the
   * last moment, how much was allocated in each quarter of the time since the window began; absent or all 0 where that is not known.
   */
  tUs: number[];
  stacks: { frames: SourceLocation[]; liveBytes: number[]; addedBytes?: number[] }[];
}

export interface SourceDocument {
  file: string;
  firstLine: number;
  lines: string[];
}

export interface SpawnDocument {
  proc: number;
  kind: 'worker' | 'child';
  tUs: number;
  endUs: number;
  /** Worker script or command name, without arguments. */
  name: string;
  site: number;
  owner: number;
  /** When a worker's thread was up and about to run its script; -1 or absent where that was not seen, and for processes. */
  readyUs?: number;
}
