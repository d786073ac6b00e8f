import type { RawFrame } from '../model/wire.js';
import { createAllocationClock, type HeapSample, isAllocationMark } from './allocation-clock.js';
import { watchBuffers } from './buffers.js';
import { nowUs } from './clock.js';
import type { CallFrame, Inspector } from './inspector.js';
import type { Probe, Source } from './probe.js';

interface HeapNode {
  id: number;
  callFrame: CallFrame;
  selfSize: number;
  children: HeapNode[];
}

const SAMPLING_BYTES = 256 << 10;
const MAX_STACKS = 60;
const MAX_FRAMES = 30;
/** V8 collects the whole heap before it answers, so asking stops the target; measured 1-3 ms per MB on two shared cores. */
const PAUSE_MS_PER_BYTE = 2 / (1 << 20);
const PAUSE_LIMIT_MS = 500;
/** Into so many parts of equal length the time between the two moments is divided. */
const PARTS = 4;

/** About how long a look at the heap would stop the target now. */
export function heapPauseMs(): number {
  return process.memoryUsage().heapUsed * PAUSE_MS_PER_BYTE;
}

/**
 * Live bytes by allocation stack as the judged window begins and as the recording ends; never in between. The full collection that V8
 * forces each time is a nuisance then, and a gift: what is alive after it is known exactly, which is recorded as a collection of kind
 * "forced". With a heap so large that the pause would be felt, the first moment is left out.
 */
export function recordHeapProfile(probe: Probe, inspector: Inspector, urls: Set<string>): Source | null {
  const start = () => inspector.ask('HeapProfiler.startSampling', { samplingInterval: SAMPLING_BYTES });
  if (start() === null) return null;
  const forced = probe.names.text('forced');
  const clock = createAllocationClock(SAMPLING_BYTES);
  const buffers = watchBuffers(SAMPLING_BYTES);
  let markedUs = -1;

  const take = () => {
    const beganUs = nowUs();
    const usedBefore = process.memoryUsage().heapUsed;
    const answer = inspector.ask<{ profile: { head: HeapNode; samples?: HeapSample[] } }>('HeapProfiler.getSamplingProfile');
    if (!answer) return;
    const row = probe.rows.gc;
    row.values.set([Math.round(beganUs), 0, forced, usedBefore, process.memoryUsage().heapUsed - clock.bytes], row.claim());
    const { head, samples = [] } = answer.profile;
    clock.anchor(beganUs, samples);
    const timeOf = clock.read(samples, idsOf(head, isAllocationMark));
    const partAt = (tUs: number | null): number =>
      tUs === null || tUs < markedUs ? -1 : Math.min(PARTS - 1, Math.floor((PARTS * (tUs - markedUs)) / Math.max(1, beganUs - markedUs)));
    const added = addedByNode(samples, (ordinal) => partAt(timeOf(ordinal)));
    const stacks = stacksOf(head, added);
    for (const { frames, bytes, tUs } of buffers.alive()) add(stacks, frames, bytes, partAt(tUs));
    const largest = [...stacks.values()].sort((a, b) => b.liveBytes - a.liveBytes).slice(0, MAX_STACKS);
    for (const { frames } of largest) for (const frame of frames) urls.add(frame.url);
    probe.link.message({ t: 'heap-profile', tUs: Math.round(nowUs()), stacks: largest });
  };
  const stop = () => void inspector.ask('HeapProfiler.stopSampling');
  return {
    mark() {
      markedUs = nowUs();
      clock.mark(markedUs);
      if (heapPauseMs() <= PAUSE_LIMIT_MS) take();
    },
    flush(tUs) {
      clock.tick(tUs);
    },
    finish() {
      if (markedUs >= 0) clock.mark(nowUs());
      take();
    },
    pause: stop,
    resume: start,
    stop,
  };
}

function idsOf(head: HeapNode, matches: (frame: CallFrame) => boolean): ReadonlySet<number> {
  const ids = new Set<number>();
  const visit = (node: HeapNode) => {
    if (matches(node.callFrame)) ids.add(node.id);
    for (const child of node.children) visit(child);
  };
  visit(head);
  return ids;
}

/** Of what is alive, the bytes allocated in each part of the time since the mark, by node. */
function addedByNode(samples: readonly HeapSample[], partOf: (ordinal: number) => number): Map<number, number[]> {
  const added = new Map<number, number[]>();
  for (const { nodeId, size, ordinal } of samples) {
    const part = partOf(ordinal);
    if (part < 0) continue;
    const parts = added.get(nodeId) ?? new Array<number>(PARTS).fill(0);
    parts[part] = parts[part]! + size;
    added.set(nodeId, parts);
  }
  return added;
}

interface LiveStack {
  frames: RawFrame[];
  liveBytes: number;
  addedBytes: number[];
}

function stacksOf(head: HeapNode, added: ReadonlyMap<number, number[]>): Map<string, LiveStack> {
  const stacks = new Map<string, LiveStack>();
  const path: CallFrame[] = [];
  const visit = (node: HeapNode) => {
    if (isAllocationMark(node.callFrame)) return;
    path.push(node.callFrame);
    if (node.selfSize > 0) {
      const stack = add(stacks, innermostFirst(path), node.selfSize, -1);
      added.get(node.id)?.forEach((bytes, part) => {
        stack.addedBytes[part] = stack.addedBytes[part]! + bytes;
      });
    }
    for (const child of node.children) visit(child);
    path.pop();
  };
  visit(head);
  return stacks;
}

/** `part`: of the time since the mark in which it was allocated, -1 for none. */
function add(stacks: Map<string, LiveStack>, frames: RawFrame[], bytes: number, part: number): LiveStack {
  const key = frames.map((frame) => `${frame.function}@${frame.url}:${frame.line}:${frame.column}`).join('\n');
  const stack = stacks.get(key) ?? { frames, liveBytes: 0, addedBytes: new Array<number>(PARTS).fill(0) };
  stack.liveBytes += bytes;
  if (part >= 0) stack.addedBytes[part] = stack.addedBytes[part]! + bytes;
  stacks.set(key, stack);
  return stack;
}

/** Where a stack is longer than we keep, Node's own frames go first: the target's are what names a leak. */
function innermostFirst(path: CallFrame[]): RawFrame[] {
  let frames = path.slice(1).reverse();
  if (frames.length > MAX_FRAMES) frames = frames.filter((frame, i) => i < 5 || !frame.url.startsWith('node:'));
  return frames
    .slice(0, MAX_FRAMES)
    .map((frame) => ({ function: frame.functionName, url: frame.url, line: frame.lineNumber + 1, column: frame.columnNumber + 1 }));
}
