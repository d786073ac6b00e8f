import { rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { ProbeConfig, ProbeMessage } from '../model/wire.js';
import { carryBodies } from './bodies.js';
import { bookedUs, resync, startCharging, stopCharging } from './charge.js';
import { nowUs, startClock } from './clock.js';
import type { Listening } from './dormant.js';
import type { EarlySpawn } from './early-spawns.js';
import { recordGc } from './gc.js';
import { recordHeap } from './heap.js';
import { recordHeapProfile } from './heap-profile.js';
import { openInspector } from './inspector.js';
import { type Link, openLink } from './link.js';
import { recordLoop } from './loop.js';
import { createNames } from './names.js';
import { createOwners, type Owners } from './owners.js';
import { recordPool } from './pool-probe.js';
import type { Probe, Source } from './probe.js';
import { recordProfile } from './profile.js';
import { recordRequests } from './requests.js';
import { watchRouters } from './routers.js';
import { COLUMNS, createRows, STREAM_NAMES } from './rows.js';
import { sendScripts } from './scripts.js';
import { recordStalls } from './stalls.js';
import { guarded } from './state.js';
import { createTurns, type Turns } from './turns.js';
import { watchUndici } from './wait-fetch.js';
import { watchHttpClient } from './wait-http.js';
import { wrapFileHandles, wrapSubtle, wrapZlib } from './wait-pool.js';
import { recordThreads } from './wait-threads.js';
import { recordWaits } from './waits.js';
import { restoreAll, watchPromises } from './wrap.js';

const FLUSH_MS = 250;

export interface Session {
  listening(where: Listening): void;
}

/** `stat`: fs.stat as it was before anything wrapped it. `ended` is called once when the probe has withdrawn for good. */
export interface SessionHost {
  stat: (path: string, callback: () => void) => void;
  /** Workers and children begun before this moment; may be asked once. */
  earlySpawns(): EarlySpawn[];
  ended(): void;
}

/** Connects to capture and records from the moment it answers until it says so, goes away, or the process exits. */
export function openSession(config: ProbeConfig, first: Listening | null, host: SessionHost): Session {
  startClock(config.originUs);
  const before: Listening[] = first ? [first] : [];
  let recording: Recording | null = null;
  let over = false;

  const withdraw = guarded(() => {
    if (over) return;
    over = true;
    process.removeListener('exit', onExit);
    recording?.remove();
    restoreAll();
    host.ended();
  });
  const link = openLink(config.socket, {
    connected: guarded(() => {
      if (over) return;
      recording = startRecording(config, link, host);
      for (const where of before) link.message({ t: 'listening', ...where });
    }),
    message: guarded((message) => {
      if (message.t === 'mark') {
        recording?.mark();
        return;
      }
      if (message.t === 'finish') recording?.finish();
      withdraw();
      link.end();
    }),
    lost: guarded(() => {
      withdraw();
      removeLeftover(config.socket);
    }),
  });
  // process.exit() and uncaught exceptions pass here; what was recorded must not be lost with them.
  const onExit = guarded(() => {
    recording?.finish();
    withdraw();
    link.drainNow();
  });
  process.on('exit', onExit);

  return {
    listening(where) {
      if (recording) link.message({ t: 'listening', ...where });
      else before.push(where);
    },
  };
}

interface Recording {
  mark(): void;
  finish(): void;
  remove(): void;
}

function startRecording(config: ProbeConfig, link: Link, host: SessionHost): Recording {
  const rows = createRows(link);
  const names = createNames(link);
  const full = config.depth !== 'light';
  const turns = full ? turnsInto(rows.turns) : null;
  const probe: Probe = { link, rows, names, turns };
  const features: Record<string, boolean> = {};
  const sources: Source[] = [];
  const urls = new Set<string>();
  const inspector = full ? openInspector() : null;
  let selfUs = 0;
  // The CPU profiler spoils libuv's own count of idle time (see charge.ts); the ledger's holds.
  const busyMeter = full ? bookedUs : () => performance.eventLoopUtilization().active * 1000;

  const use = (name: string, start: () => Source | null) => {
    try {
      const source = start();
      if (source) sources.push(source);
      features[name] = source !== null;
    } catch {
      features[name] = false;
    }
  };
  use('loop', () => recordLoop(probe, busyMeter));
  use('gc', () => recordGc(probe));
  use('heap', () => recordHeap(probe));
  use('poolProbe', () => recordPool(probe, host.stat, busyMeter));
  if (inspector) {
    use('profile', () => recordProfile(probe, inspector, config.originUs, urls));
    use('heapProfile', () => recordHeapProfile(probe, inspector, urls));
  }
  use('requests', () => recordWork(probe, full ? createOwners() : null, host.earlySpawns(), features.profile === true));
  features.owners = full && features.requests === true;
  if (features.owners) use('stalls', () => recordStalls(probe));

  link.message(hello(config.attachedTo ?? process.pid, features));
  const send = (): number => {
    for (const name of STREAM_NAMES) rows[name].flush();
    link.pump();
    return nowUs();
  };
  const flush = guarded(() => {
    if (full) resync();
    const tUs = nowUs();
    for (const source of sources) source.flush?.(tUs);
    selfUs += send() - tUs;
  });
  const timer = setInterval(flush, FLUSH_MS);
  timer.unref();

  return {
    mark() {
      for (const source of sources) attempt(() => source.mark?.());
    },
    finish() {
      const beganUs = nowUs();
      for (const source of sources) attempt(() => source.flush?.(beganUs));
      for (const source of sources) attempt(() => source.finish?.());
      turns?.flush();
      if (inspector) attempt(() => sendScripts(probe, inspector, union(urls, names.urls)));
      send();
      const dropped: Record<string, number> = {};
      for (const name of STREAM_NAMES) if (rows[name].dropped > 0) dropped[name] = rows[name].dropped;
      if (turns && turns.dropped > 0) dropped.turns = (dropped.turns ?? 0) + turns.dropped;
      link.message({ t: 'bye', dropped, selfUs: Math.round(selfUs) });
    },
    remove() {
      clearInterval(timer);
      for (const source of sources.reverse()) attempt(() => source.stop());
      attempt(() => inspector?.close());
    },
  };
}

/** Requests, and at the fuller depths who the thread works for and what they wait for. */
function recordWork(probe: Probe, owners: Owners | null, early: readonly EarlySpawn[], profiled: boolean): Source {
  const requests = recordRequests(probe, owners);
  const stops = [watchRouters(requests), () => requests.stop()];
  const stopAll = () => {
    for (const stop of stops) attempt(stop);
  };
  if (!owners) return { stop: stopAll };
  const waits = recordWaits(probe, owners);
  const threads = recordThreads(probe, owners, early);
  if (probe.turns) startCharging(probe.turns, profiled);
  wrapZlib();
  wrapSubtle();
  wrapFileHandles();
  if (!owners.carriesBodies) stops.push(carryBodies(owners, requests));
  stops.push(watchHttpClient(), watchUndici(owners), watchPromises());
  owners.start();
  return {
    flush(tUs) {
      requests.expire();
      waits.flush?.(tUs);
    },
    finish() {
      threads.finish?.();
    },
    stop() {
      owners.stop();
      stopCharging();
      stops.push(threads.stop, waits.stop);
      stopAll();
    },
  };
}

function turnsInto(row: Probe['rows']['turns']): Turns {
  return createTurns((startUs, durUs, owner) => {
    const at = row.claim();
    row.values[at] = startUs;
    row.values[at + 1] = durUs;
    row.values[at + 2] = owner;
  });
}

function hello(pid: number, features: Record<string, boolean>): ProbeMessage {
  return {
    t: 'hello',
    pid,
    ppid: process.ppid,
    title: process.title,
    script: process.argv[1] ?? '',
    versions: { ...process.versions } as Record<string, string>,
    features,
    streams: STREAM_NAMES.map((name) => ({ name, columns: [...COLUMNS[name]] })),
  };
}

/** ddx was killed: the private folder of its socket would stay behind for good. */
function removeLeftover(socket: string): void {
  const folder = dirname(socket);
  if (dirname(folder) !== tmpdir() || !basename(folder).startsWith('ddx-')) return;
  attempt(() => unlinkSync(socket));
  attempt(() => rmdirSync(folder));
}

function union<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): Set<T> {
  return new Set([...a, ...b]);
}

function attempt(body: () => void): void {
  try {
    body();
  } catch {}
}
