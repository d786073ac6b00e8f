import { rmdirSync, unlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { ProbeConfig, ProbeMessage } from '../model/wire.js';
import { calibrate } from './calibrate.js';
import { isCharging, resync } from './charge.js';
import { nowUs, startClock } from './clock.js';
import { compareCost } from './compare.js';
import { openCpuTime } from './cpu-time.js';
import { recordCrowdedEmitters } from './crowded-emitters.js';
import type { Listening } from './dormant.js';
import type { EarlySpawn } from './early-spawns.js';
import { forgetStatements } from './fingerprint.js';
import { recordGc } from './gc.js';
import { recordHeap } from './heap.js';
import { heapPauseMs, recordHeapProfile } from './heap-profile.js';
import { recordIncoming } from './incoming.js';
import { openInspector } from './inspector.js';
import { recordIntervals } from './intervals.js';
import type { Keeping } from './keeping.js';
import { type Link, openLink } from './link.js';
import { forgetAll } from './listen.js';
import { recordLoop } from './loop.js';
import { createNames } from './names.js';
import { recordOpenFiles } from './open-files.js';
import { createOwners, type Owners } from './owners.js';
import { recordPool } from './pool-probe.js';
import { recordPriority } from './priority.js';
import type { Probe, Source } from './probe.js';
import { recordProfile } from './profile.js';
import { COLUMNS, createRows, STREAM_NAMES } from './rows.js';
import { sendScripts } from './scripts.js';
import { recordStalls } from './stalls.js';
import { guarded } from './state.js';
import { createTurns, type Turns } from './turns.js';
import { recordUnpolled } from './unpolled.js';
import { recordBlocks } from './watchdog.js';
import { recordServed, recordWork } from './work.js';
import { restoreAll } from './wrap.js';

const FLUSH_MS = 250;
/** RAIL: what takes longer than 100 ms is felt. */
const BLOCK_MS = 100;
/** A process that was not started for us serves others: a full collection as long as this would be felt. */
const GUEST_PAUSE_MS = 200;

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
    forgetAll();
    restoreAll();
    forgetStatements();
    host.ended();
  });
  const begin = (ledger: LedgerHooks | null) => {
    if (over) return;
    recording = startRecording(config, link, host, ledger);
    for (const where of before) link.message({ t: 'listening', ...where });
  };
  const link = openLink(config.socket, {
    connected: guarded(() => {
      if (config.depth === 'light') begin(null);
      else {
        const owners = createOwners();
        calibrate(
          owners,
          guarded((costPerCallUs) => begin({ owners, costPerCallUs })),
        );
      }
    }),
    message: guarded((message) => {
      if (message.t === 'mark') {
        recording?.mark();
        return;
      }
      if (message.t === 'look') {
        recording?.look();
        return;
      }
      if (message.t === 'compare') {
        recording?.compare(message.forMs);
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
  look(): void;
  compare(forMs: number): void;
  finish(): void;
  remove(): void;
}

/** The hooks of the owner ledger and what one call of them costs here, microseconds. */
interface LedgerHooks {
  owners: Owners;
  costPerCallUs: number;
}

/** `ledger`: null at depth light, which keeps none. */
function startRecording(config: ProbeConfig, link: Link, host: SessionHost, ledger: LedgerHooks | null): Recording {
  const deep = config.depth === 'deep';
  const rows = createRows(link);
  const names = createNames(link);
  const turns = ledger ? turnsInto(rows.turns) : null;
  const probe: Probe = { link, rows, names, turns };
  const features: Record<string, boolean> = {};
  const sources: Source[] = [];
  const urls = new Set<string>();
  /** Scripts whose source maps have been sent. */
  const told = new Set<string>();
  let looks = 0;
  const inspector = ledger ? openInspector() : null;
  let selfUs = 0;
  const cpu = openCpuTime();
  let keeping: Keeping | null = null;
  let comparison: { stop(): void } | null = null;
  // The CPU profiler spoils libuv's own count of idle time (see charge.ts); the ledger's holds.
  const busyMeter = () => keeping?.busyUs() ?? performance.eventLoopUtilization().active * 1000;

  const use = (name: string, start: () => Source | null) => {
    try {
      const source = start();
      if (source) sources.push(source);
      features[name] = source !== null;
    } catch {
      features[name] = false;
    }
  };
  if (inspector) {
    use('profile', () => recordProfile(probe, inspector, { originUs: config.originUs, urls, busyUs: busyMeter, always: deep }));
    const mayPauseMs = config.attachedTo === undefined || config.depth === 'deep' ? Number.POSITIVE_INFINITY : GUEST_PAUSE_MS;
    if (!config.watched) use('heapProfile', () => (heapPauseMs() > mayPauseMs ? null : recordHeapProfile(probe, inspector, urls)));
  }
  use('requests', () => {
    if (!ledger) return recordServed(probe);
    const work = recordWork(probe, { ...ledger, early: host.earlySpawns(), profiled: features.profile === true, cpu, always: deep });
    keeping = work.keeping;
    return work;
  });
  features.owners = keeping !== null;
  if (features.owners) use('stalls', () => recordStalls(probe));
  if (features.owners) use('unpolled', () => recordUnpolled(probe));
  // Blocks show by brackets that do not close: without the ledger there are none.
  if (features.owners && deep) use('watchdog', () => recordBlocks(probe, config.blockMs ?? BLOCK_MS));
  if (ledger && !config.watched) {
    use('openFiles', () => recordOpenFiles(probe));
    use('intervals', () => recordIntervals(probe));
    use('crowdedEmitters', () => recordCrowdedEmitters(probe));
  }
  if (ledger) use('priority', () => recordPriority(probe));
  use('incoming', () => recordIncoming(probe));
  use('loop', () => recordLoop(probe, busyMeter));
  use('gc', () => recordGc(probe));
  use('heap', () => recordHeap(probe));
  use('poolProbe', () => recordPool(probe, host.stat, busyMeter));

  link.message(hello(config.attachedTo ?? process.pid, features));
  const send = (): number => {
    for (const name of STREAM_NAMES) rows[name].flush();
    link.pump();
    return nowUs();
  };
  const tellScripts = () => {
    const fresh = new Set([...urls, ...names.urls].filter((url) => url !== '' && !url.startsWith('node:') && !told.has(url)));
    if (inspector && (fresh.size > 0 || told.size === 0)) attempt(() => sendScripts(probe, inspector, fresh));
    for (const url of fresh) told.add(url);
  };
  const flush = guarded(() => {
    if (isCharging()) resync();
    const tUs = nowUs();
    for (const source of sources) source.flush?.(tUs);
    selfUs += send() - tUs;
  });
  const timer = setInterval(flush, FLUSH_MS);
  timer.unref();

  return {
    compare(forMs) {
      comparison?.stop();
      comparison = compareCost(probe, sources, cpu, forMs, keeping);
    },
    mark() {
      comparison?.stop();
      for (const source of sources) attempt(() => source.mark?.());
    },
    look() {
      const tUs = nowUs();
      for (const source of sources) attempt(() => source.flush?.(tUs));
      for (const source of sources) attempt(() => source.look?.());
      turns?.flush();
      // V8 takes tens of milliseconds to tell its scripts, and new ones come ever more seldom.
      if (Number.isInteger(Math.log2(++looks))) tellScripts();
      send();
      link.message({ t: 'looked' });
      link.pump();
      selfUs += nowUs() - tUs;
    },
    finish() {
      comparison?.stop();
      const beganUs = nowUs();
      for (const source of sources) attempt(() => source.flush?.(beganUs));
      for (const source of sources) attempt(() => source.finish?.());
      turns?.flush();
      tellScripts();
      send();
      const dropped: Record<string, number> = {};
      for (const name of STREAM_NAMES) if (rows[name].dropped > 0) dropped[name] = rows[name].dropped;
      if (turns && turns.dropped > 0) dropped.turns = (dropped.turns ?? 0) + turns.dropped;
      link.message({ t: 'bye', dropped, selfUs: Math.round(selfUs) });
    },
    remove() {
      clearInterval(timer);
      comparison?.stop();
      for (const source of sources.reverse()) attempt(() => source.stop());
      attempt(() => inspector?.close());
      cpu?.close();
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
  // Not by tmpdir(): a process that was attached to may have another one than ddx.
  if (!basename(folder).startsWith('ddx-') || basename(socket) !== 'probe.sock') return;
  attempt(() => unlinkSync(socket));
  attempt(() => rmdirSync(folder));
}

function attempt(body: () => void): void {
  try {
    body();
  } catch {}
}
