import { setTimeout as delay } from 'node:timers/promises';
import { Histogram } from '../load/histogram.js';
import type { Documents, ProcessDocument } from '../model/recording.js';
import type { Listener } from '../target/listeners.js';
import type { Frame } from './frames.js';
import { createIntake, type Intake, type IntakeHost } from './intake.js';
import { type Guest, listenForProbes, type ProbeConnection, type ProbeServer } from './probe-server.js';

/** The probes of one session: those in processes that serve the port under load record, all others are told to withdraw. */
export interface Peers {
  readonly socket: string;
  /** Private folder of this session. */
  readonly folder: string;
  /** What processes with a probe listen on, oldest first. */
  listeners(): Listener[];
  /** From now on: those that serve `port` record; null: all that come. Frames that came before are not lost. */
  record(port: number | null, host: IntakeHost & { procOf(pid: number): number }): void;
  /** Has those that record find out what they cost, for so long. */
  compare(forMs: number): void;
  /** Tells those that record that the judged window is about to begin. */
  mark(): void;
  /** Number of processes that record. */
  recording(): number;
  /** Requests they have seen. */
  seen(): { requests: number; errors: number; p99Ms: number | null };
  /** What their event loops do; the longest delay is that since this was asked last. */
  loop(): { busyShare: number | null; loopDelayMs: number | null };
  /** Asks for what was seen until now, waits for it at most `timeoutMs`, writes it into the documents, and lets go of what ended before `fromUs`. */
  look(documents: Documents, timeoutMs: number, fromUs: number): Promise<void>;
  /** Asks for what is left, waits for it at most `timeoutMs`, and writes it into the documents. */
  finish(documents: Documents, timeoutMs: number): Promise<Intake[]>;
  close(): void;
}

interface Peer {
  connection: ProbeConnection;
  waiting: Frame[];
  listeners: Listener[];
  pid: number;
  intake: Intake | null;
  /** Runs while it is not known to serve the port under load. */
  leaving: NodeJS.Timeout | null;
  dismissed: boolean;
  /** Called when it has sent what it was asked for. */
  looked: (() => void) | null;
}

/** For a process that opens a port for its administrator first. */
const ANOTHER_PORT_MS = 2_000;

/** `guest`: the process that is not our child. */
export async function openPeers(guest?: Guest): Promise<Peers> {
  const peers: Peer[] = [];
  let chosen: { port: number | null; host: IntakeHost & { procOf(pid: number): number } } | null = null;

  const decide = (peer: Peer): void => {
    if (!chosen || peer.intake || peer.dismissed || peer.pid === 0) return;
    if (chosen.port !== null && peer.listeners.length === 0) return;
    if (chosen.port !== null && !peer.listeners.some(({ port }) => port === chosen?.port)) {
      peer.leaving ??= setTimeout(() => dismiss(peer), ANOTHER_PORT_MS).unref();
      return;
    }
    clearTimeout(peer.leaving ?? undefined);
    const proc = chosen.host.procOf(peer.pid);
    chosen.host.process(proc).role = 'target';
    peer.intake = createIntake(chosen.host, proc);
    for (const frame of peer.waiting) peer.intake.take(frame);
    peer.waiting = [];
  };
  const dismiss = (peer: Peer): void => {
    peer.connection.send({ t: 'off' });
    peer.waiting = [];
    peer.dismissed = true;
  };
  const server: ProbeServer = await listenForProbes((connection) => {
    const peer: Peer = { connection, waiting: [], listeners: [], pid: 0, intake: null, leaving: null, dismissed: false, looked: null };
    peers.push(peer);
    return (frame) => {
      if (frame.type === 'message' && frame.message.t === 'hello') peer.pid = frame.message.pid;
      if (frame.type === 'message' && frame.message.t === 'listening' && frame.message.port > 0) {
        peer.listeners.push({ port: frame.message.port, address: frame.message.address, pid: peer.pid });
      }
      if (frame.type === 'message' && frame.message.t === 'looked') peer.looked?.();
      if (peer.intake) peer.intake.take(frame);
      // The greeting is not the first frame: what the sources announced while they started comes before it.
      else if (!peer.dismissed) peer.waiting.push(frame);
      decide(peer);
    };
  }, guest);

  return {
    socket: server.socket,
    folder: server.folder,
    listeners: () => peers.flatMap((peer) => peer.listeners),
    record(port, host) {
      chosen = { port, host };
      for (const peer of peers) decide(peer);
    },
    compare(forMs) {
      for (const peer of peers) if (peer.intake) peer.connection.send({ t: 'compare', forMs });
    },
    mark() {
      for (const peer of peers) if (peer.intake) peer.connection.send({ t: 'mark' });
    },
    recording: () => peers.filter((peer) => peer.intake).length,
    seen() {
      const wall = new Histogram();
      for (const { intake } of peers) if (intake) wall.add(intake.seen.wall.data());
      const sum = (field: 'requests' | 'errors') => peers.reduce((total, { intake }) => total + (intake?.seen[field] ?? 0), 0);
      const requests = sum('requests');
      return { requests, errors: sum('errors'), p99Ms: requests > 0 ? wall.quantile(0.99) / 1000 : null };
    },
    loop() {
      const told = peers.flatMap(({ intake }) => (intake && intake.seen.busyShare >= 0 ? [intake.seen] : []));
      if (told.length === 0) return { busyShare: null, loopDelayMs: null };
      const loopDelayMs = Math.max(...told.map(({ loopDelayUs }) => loopDelayUs)) / 1000;
      for (const seen of told) seen.loopDelayUs = 0;
      return { busyShare: Math.max(...told.map(({ busyShare }) => busyShare)), loopDelayMs };
    },
    async look(documents, timeoutMs, fromUs) {
      const open = peers.filter((peer) => peer.intake);
      const answers = open.map((peer) => {
        const looked = new Promise<void>((resolve) => {
          peer.looked = resolve;
        });
        peer.connection.send({ t: 'look' });
        return Promise.race([looked, peer.connection.closed]);
      });
      await atMost(timeoutMs, answers);
      for (const { intake } of open) {
        intake!.finish(documents);
        intake!.forget(fromUs);
      }
    },
    async finish(documents, timeoutMs) {
      const open = peers.filter((peer) => peer.intake);
      for (const peer of open) peer.connection.send({ t: 'finish' });
      await atMost(
        timeoutMs,
        open.map((peer) => peer.connection.closed),
      );
      for (const peer of open) peer.intake!.finish(documents);
      return open.map((peer) => peer.intake!);
    },
    close: () => server.close(),
  };
}

async function atMost(timeoutMs: number, all: readonly Promise<void>[]): Promise<void> {
  const late = new AbortController();
  const patience = delay(timeoutMs, undefined, { signal: late.signal }).catch(() => {});
  await Promise.race([Promise.all(all), patience]);
  late.abort();
}

export function unknownProcess(pid: number): ProcessDocument {
  return { pid, ppid: 0, role: 'child', runtime: 'unknown', versions: {}, title: '', features: {} };
}
