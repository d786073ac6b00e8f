import type { Fact } from '../model/fact.js';
import type { Recording } from '../model/recording.js';
import { ascending, quantile } from './stats.js';
import { type Window, window } from './window.js';

/** How much of what V8 may use for long-lived objects is really in use, in the process with the least room. */
export interface HeapRoom {
  proc: number;
  /** Alive after full collections in the window, bytes: their median; after the one that ddx made where V8 made none. */
  aliveBytes: number;
  /** What the old generation may grow to (`--max-old-space-size`), bytes. */
  oldLimitBytes: number;
  /** aliveBytes of oldLimitBytes, 0..1. */
  usedShare: number;
  /** Full collections that V8 itself found necessary, and the pauses of those and of their preparation. */
  fullCollections: number;
  fullMs: number;
  /** Of all pauses of the collector. */
  fullShare: number;
}

/**
 * V8's limit counts the young generation too, three semi-spaces of 16, 64 or 32 MiB (measured: with --max-old-space-size=64 Node 20 and 22
 * say 112 MiB, 24 says 256, 26 says 160).
 */
function youngBytes(nodeMajor: number): number {
  return (nodeMajor <= 22 ? 48 : nodeMajor <= 25 ? 192 : 96) * 2 ** 20;
}

export const heapRoom: Fact<HeapRoom> = {
  id: 'heap-room',
  compute(recording, get) {
    const view = get(window);
    const rooms = recording.documents.processes
      .map(({ role }, proc) => (role === 'target' ? roomOf(recording, view, proc) : null))
      .filter((room) => room !== null)
      .sort((a, b) => b.usedShare - a.usedShare);
    if (rooms[0]) return { ok: true, value: rooms[0] };
    const because = 'no full garbage collection was observed, so what survives one is not known';
    return { ok: false, because, enable: 'record with --depth standard, or for longer (--for 1m)' };
  },
};

function roomOf(recording: Recording, view: Window, proc: number): HeapRoom | null {
  const { gc, heap } = recording.streams;
  const limitRow = heap.proc.lastIndexOf(proc);
  const alive: number[] = [];
  let looked = 0;
  const sums = { all: 0, full: 0, count: 0 };
  for (let row = 0; row < gc.rows; row++) {
    if (gc.proc[row] !== proc) continue;
    const kind = recording.strings[gc.kind[row]!];
    if (kind === 'forced' && gc.usedAfter[row]! > 0) looked = gc.usedAfter[row]!;
    if (kind === 'forced' || gc.startUs[row]! < view.startUs || gc.startUs[row]! > view.endUs) continue;
    sums.all += gc.durUs[row]!;
    if (kind === 'mark-sweep' || kind === 'incremental') sums.full += gc.durUs[row]!;
    if (kind !== 'mark-sweep') continue;
    sums.count++;
    if (gc.usedAfter[row]! > 0) alive.push(gc.usedAfter[row]!);
  }
  // Where V8 found none necessary, the one made to look says what is alive.
  if (alive.length === 0 && looked > 0) alive.push(looked);
  if (limitRow < 0 || alive.length === 0) return null;
  const major = Number.parseInt(recording.documents.processes[proc]!.versions['node'] ?? '', 10);
  const oldLimitBytes = heap.heapLimit[limitRow]! - youngBytes(major || 20);
  if (oldLimitBytes <= 0) return null;
  const aliveBytes = quantile(ascending(alive), 0.5);
  return {
    proc,
    aliveBytes,
    oldLimitBytes,
    usedShare: aliveBytes / oldLimitBytes,
    fullCollections: sums.count,
    fullMs: sums.full / 1e3,
    fullShare: sums.all > 0 ? sums.full / sums.all : 0,
  };
}
