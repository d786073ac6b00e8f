import type { ProbeMessage } from '../model/wire.js';
import { nowUs } from './clock.js';
import type { CallFrame, Inspector } from './inspector.js';
import type { Probe, Source } from './probe.js';

interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame; children?: number[]; positionTicks?: { line: number; ticks: number }[] }[];
  startTime: number;
  samples?: number[];
  timeDeltas?: number[];
}

/** An idle thread is not worth saving on; a busy one shows what it does in fewer samples. */
const SHORTEST_INTERVAL_MS = 1;
const LONGEST_INTERVAL_MS = 4;
/** Samples that find the thread at work, per second. */
const BUSY_SAMPLES_PER_S = 250;
/** From the mark on, or later where it came too early to know how busy the thread is, one interval stays. */
const SETTLED_US = 1_000_000;
/** A profile grows by a sample an interval; beyond this it ends, and the rest goes without until somebody looks. */
const MAX_DURATION_US = 600_000_000;

type Node = Extract<ProbeMessage, { t: 'profile' }>['nodes'][number];

interface Piece {
  profile: CpuProfile;
  zeroUs: number;
}

export interface ProfileOptions {
  originUs: number;
  /** Collects the scripts that the profile mentions. */
  urls: Set<string>;
  /** Main-thread time so far that the loop did not spend waiting. */
  busyUs(): number;
  /** Every millisecond, whatever that costs. */
  always: boolean;
}

/** CPU profile of the main thread, sent when the recording ends. A sample costs some 30 us: its interval goes with how busy the thread is. */
export function recordProfile(probe: Probe, inspector: Inspector, { originUs, urls, busyUs, always }: ProfileOptions): Source | null {
  if (inspector.ask('Profiler.enable') === null) return null;
  let pieces: Piece[] = [];
  let intervalMs = SHORTEST_INTERVAL_MS;
  const beganUs = nowUs();
  let heldSinceUs = beganUs;
  let startedUs = 0;
  let running = false;
  let settled = always;
  let marked = false;
  let seen = { us: beganUs, busyUs: busyUs() };
  let busyShare = 0;
  const start = () => {
    inspector.ask('Profiler.setSamplingInterval', { interval: intervalMs * 1000 });
    const beforeUs = nowUs();
    running = inspector.ask('Profiler.start') !== null;
    startedUs = (beforeUs + nowUs()) / 2;
  };
  start();
  if (!running) return null;
  const stop = () => {
    if (!running) return;
    running = false;
    const stopped = inspector.ask<{ profile: CpuProfile }>('Profiler.stop');
    if (!stopped) return;
    const { profile } = stopped;
    // V8 takes its times from the same monotonic clock as hrtime; where it does not, lay its start on ours.
    const offByUs = profile.startTime - originUs - startedUs;
    pieces.push({ profile, zeroUs: Math.abs(offByUs) < 1_000_000 ? profile.startTime - originUs : startedUs });
  };
  const discard = () => {
    stop();
    pieces = [];
  };
  const send = () => {
    stop();
    if (pieces.length > 0) writeProfile(probe, pieces, intervalMs * 1000, urls);
    pieces = [];
  };
  const settle = () => {
    if (settled) return;
    settled = true;
    const wantedMs = intervalFor(busyShare);
    if (!running || wantedMs === intervalMs) return;
    stop();
    intervalMs = wantedMs;
    start();
  };
  return {
    flush(tUs) {
      const nowBusyUs = busyUs();
      busyShare += ((nowBusyUs - seen.busyUs) / Math.max(1, tUs - seen.us) - busyShare) / 2;
      seen = { us: tUs, busyUs: nowBusyUs };
      if (running && tUs - heldSinceUs > MAX_DURATION_US) send();
      else if (!settled && marked && tUs - beganUs > SETTLED_US) settle();
    },
    mark() {
      marked = true;
      if (nowUs() - beganUs < SETTLED_US) return;
      settle();
      // What came before is not judged.
      pieces = [];
    },
    look() {
      send();
      heldSinceUs = nowUs();
      // It has to begin anew anyway, and the load of an hour ago says nothing.
      if (!always) intervalMs = intervalFor(busyShare);
      start();
    },
    finish: send,
    pause: discard,
    resume() {
      if (!settled) intervalMs = intervalFor(busyShare);
      start();
    },
    stop() {
      discard();
      inspector.ask('Profiler.disable');
    },
  };
}

function intervalFor(busyShare: number): number {
  const ms = Math.round((1000 * busyShare) / BUSY_SAMPLES_PER_S);
  return Math.min(LONGEST_INTERVAL_MS, Math.max(SHORTEST_INTERVAL_MS, ms));
}

/** Pieces one after the other, in one tree: what has the same callers is the same. */
function writeProfile(probe: Probe, pieces: readonly Piece[], intervalUs: number, urls: Set<string>): void {
  const nodes: (Omit<Node, 'ticks'> & { ticks: Map<number, number> })[] = [];
  const known = new Map<string, number>();
  const row = probe.rows.samples;
  for (const { profile, zeroUs } of pieces) {
    const parents = new Map<number, number>();
    for (const { id, children = [] } of profile.nodes) for (const child of children) parents.set(child, id);
    // V8 tells a tree from its root on: callers stand before what they call.
    const index = new Map<number, number>();
    for (const { id, callFrame, positionTicks = [] } of profile.nodes) {
      const { functionName, url, lineNumber, columnNumber } = callFrame;
      const parent = index.get(parents.get(id) ?? -1) ?? -1;
      const key = `${parent} ${lineNumber} ${columnNumber} ${functionName} ${url}`;
      let at = known.get(key);
      if (at === undefined) {
        at = nodes.push({ parent, function: functionName, url, line: lineNumber + 1, column: columnNumber + 1, ticks: new Map() }) - 1;
        known.set(key, at);
        urls.add(url);
      }
      index.set(id, at);
      const linesOf = nodes[at]!.ticks;
      for (const { line, ticks } of positionTicks) linesOf.set(line, (linesOf.get(line) ?? 0) + ticks);
    }
    const { samples = [], timeDeltas = [] } = profile;
    let tUs = zeroUs;
    for (let i = 0; i < samples.length; i++) {
      tUs += timeDeltas[i] ?? 0;
      const at = row.claim();
      row.values[at] = Math.round(tUs);
      row.values[at + 1] = index.get(samples[i]!) ?? 0;
    }
  }
  row.flush();
  probe.link.message({ t: 'profile', intervalUs, nodes: nodes.map((node) => ({ ...node, ticks: [...node.ticks] })) });
}
