import { setTimeout as delay } from 'node:timers/promises';
import { DdxError } from '../errors.js';
import { ask, hostsFor } from './answers.js';
import { neverAnswered, neverListened, targetEnded } from './failures.js';
import type { Target } from './launch.js';
import { type Listener, listenersOf, ownerOfPort } from './listeners.js';
import { processTree } from './process-tree.js';

/** Where the target serves. */
export interface Serving {
  host: string;
  port: number;
  /** Listens on `port`; null where nobody could tell. */
  pid: number | null;
  /** Other TCP ports of the target that answer HTTP or might. */
  otherPorts: number[];
}

export interface ServingOptions {
  command: readonly string[];
  /** --port: this one and no other. */
  port: number | null;
  /** Preferred where the target opens several. */
  hintedPort: number | null;
  startupMs: number;
  /** What probes inside the target announced so far, in order. */
  announced(): readonly Listener[];
  signal: AbortSignal;
}

const POLL_MS = 40;
const ANSWER_MS = 2000;
/** For a second port that is opened in the same breath. */
const SETTLE_MS = 150;
/** A Node target announces its port itself; others are looked up outside, which is dear. */
const LOOK_AFTER_MS = 700;

/** Throws DDX_PORT_TAKEN where somebody else already listens on the port that was asked for. */
export async function portIsFree(port: number): Promise<void> {
  for (const host of ['127.0.0.1', '::1']) {
    if ((await ask(host, port, 200)) === 'refused') continue;
    throw portTaken(port);
  }
}

/**
 * Waits until the target answers HTTP. Null when `signal` aborts first. Throws DDX_TARGET_EXITED, DDX_PORT_TAKEN, DDX_TARGET_SILENT,
 * DDX_TARGET_UNREACHABLE.
 */
export async function awaitServing(target: Target, options: ServingOptions): Promise<Serving | null> {
  const deadlineMs = target.startedMs + options.startupMs;
  const look = lookOutside(target);
  const deaf = new Map<number, number>();
  for (;;) {
    if (options.signal.aborted) return null;
    if (target.exit()) {
      await target.drained();
      const taken = takenPort(target, options);
      throw taken === null ? targetEnded(target, options.command) : portTaken(taken);
    }
    const open = openPorts(options, look);
    for (const listener of inOrder(open, options)) {
      const host = await answering(listener);
      if (host === null) {
        deaf.set(listener.port, listener.pid);
        continue;
      }
      await delay(SETTLE_MS);
      return settle(listener, host, openPorts(options, look), options);
    }
    if (performance.now() > deadlineMs) {
      throw deaf.size > 0 ? neverAnswered([...deaf.keys()], options) : neverListened(target, options);
    }
    await delay(POLL_MS);
  }
}

function openPorts(options: ServingOptions, look: () => readonly Listener[]): Listener[] {
  const announced = options.announced().filter(({ port }) => port > 0);
  const known = announced.length > 0 ? announced : look();
  const wanted = options.port;
  if (wanted === null) return firstOfEach(known);
  return [known.find(({ port }) => port === wanted) ?? { port: wanted, address: '', pid: -1 }];
}

function firstOfEach(listeners: readonly Listener[]): Listener[] {
  return listeners.filter((listener, i) => listeners.findIndex(({ port }) => port === listener.port) === i);
}

function inOrder(listeners: readonly Listener[], { hintedPort }: ServingOptions): Listener[] {
  return listeners.toSorted((a, b) => Number(b.port === hintedPort) - Number(a.port === hintedPort));
}

async function answering({ address, port }: Listener): Promise<string | null> {
  for (const host of hostsFor(address)) if ((await ask(host, port, ANSWER_MS)) === 'http') return host;
  return null;
}

/** The hinted port may have opened, or the first one begun to answer, while we asked another. */
async function settle(found: Listener, host: string, open: readonly Listener[], options: ServingOptions): Promise<Serving> {
  let chosen = { listener: found, host };
  for (const listener of inOrder(open, options)) {
    if (listener.port === found.port) break;
    const better = await answering(listener);
    if (better === null) continue;
    chosen = { listener, host: better };
    break;
  }
  const { pid, port } = chosen.listener;
  return {
    host: chosen.host,
    port,
    pid: pid > 0 ? pid : null,
    otherPorts: open.map((listener) => listener.port).filter((other) => other !== port),
  };
}

/** Looks from outside at first after a while and then at ever longer intervals. */
function lookOutside(target: Target): () => readonly Listener[] {
  let known: readonly Listener[] = [];
  let waitMs = LOOK_AFTER_MS;
  let nextMs = target.startedMs + waitMs;
  return () => {
    const nowMs = performance.now();
    if (nowMs < nextMs) return known;
    waitMs = Math.min(3000, waitMs * 1.2);
    nextMs = nowMs + waitMs;
    const now = listenersOf(processTree(target.pid).map(({ pid }) => pid));
    // Those known before were opened before.
    known = [
      ...known.filter((old) => now.some(({ port }) => port === old.port)),
      ...now.filter(({ port }) => !known.some((old) => old.port === port)),
    ];
    return known;
  };
}

function takenPort(target: Target, options: ServingOptions): number | null {
  const tail = target.stderrTail();
  if (tail) return addressInUse(tail.join('\n'));
  const guess = options.port ?? options.hintedPort;
  return guess !== null && ownerOfPort(guess) !== null ? guess : null;
}

/** The port in Node's "listen EADDRINUSE: address already in use :::3000", or 0 where the text names none; null where there is no such error. */
export function addressInUse(stderr: string): number | null {
  if (!/EADDRINUSE|address already in use/i.test(stderr)) return null;
  const match = /(?:EADDRINUSE|address already in use)[^\n]*:(\d{1,5})\b/i.exec(stderr) ?? /\bport:? '?(\d{1,5})\b/i.exec(stderr);
  return match ? Number(match[1]) : 0;
}

function portTaken(port: number): DdxError {
  const owner = port > 0 ? ownerOfPort(port) : null;
  const name = port > 0 ? `Port ${port}` : 'The port that the target wants';
  const by = owner === null ? 'another process' : `process ${owner}`;
  return new DdxError(
    'DDX_PORT_TAKEN',
    `${name} is already in use by ${by}.`,
    `Stop ${owner === null ? 'it' : `it (kill ${owner})`}, or give the target another port, for example: PORT=0 ddx run -- ...`,
  );
}
