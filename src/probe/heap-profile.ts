import type { RawFrame } from '../model/wire.js';
import { nowUs } from './clock.js';
import type { CallFrame, Inspector } from './inspector.js';
import type { Probe, Source } from './probe.js';

interface HeapNode {
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

/**
 * Live bytes by allocation stack as the judged window begins and as the recording ends; never in between. The full collection that V8
 * forces each time is a nuisance then, and a gift: what is alive after it is known exactly, which is recorded as a collection of kind
 * "forced". With a heap so large that the pause would be felt, the first moment is left out.
 */
export function recordHeapProfile(probe: Probe, inspector: Inspector, urls: Set<string>): Source | null {
  const start = () => inspector.ask('HeapProfiler.startSampling', { samplingInterval: SAMPLING_BYTES });
  if (start() === null) return null;
  const forced = probe.names.text('forced');

  const take = () => {
    const beganUs = nowUs();
    const usedBefore = process.memoryUsage().heapUsed;
    const answer = inspector.ask<{ profile: { head: HeapNode } }>('HeapProfiler.getSamplingProfile');
    if (!answer) return;
    const row = probe.rows.gc;
    row.values.set([Math.round(beganUs), 0, forced, usedBefore, process.memoryUsage().heapUsed], row.claim());
    probe.link.message({ t: 'heap-profile', tUs: Math.round(nowUs()), stacks: largestStacks(answer.profile.head, urls) });
  };
  const stop = () => void inspector.ask('HeapProfiler.stopSampling');
  return {
    mark() {
      if (process.memoryUsage().heapUsed * PAUSE_MS_PER_BYTE <= PAUSE_LIMIT_MS) take();
    },
    finish: take,
    pause: stop,
    resume: start,
    stop,
  };
}

function largestStacks(head: HeapNode, urls: Set<string>): { frames: RawFrame[]; liveBytes: number }[] {
  const stacks = new Map<string, { frames: RawFrame[]; liveBytes: number }>();
  const path: CallFrame[] = [];
  const visit = (node: HeapNode) => {
    path.push(node.callFrame);
    if (node.selfSize > 0) {
      const frames = innermostFirst(path);
      const key = frames.map((frame) => `${frame.function}@${frame.url}:${frame.line}:${frame.column}`).join('\n');
      const known = stacks.get(key);
      if (known) known.liveBytes += node.selfSize;
      else stacks.set(key, { frames, liveBytes: node.selfSize });
    }
    for (const child of node.children) visit(child);
    path.pop();
  };
  visit(head);
  const largest = [...stacks.values()].sort((a, b) => b.liveBytes - a.liveBytes).slice(0, MAX_STACKS);
  for (const { frames } of largest) for (const frame of frames) urls.add(frame.url);
  return largest;
}

/** Where a stack is longer than we keep, Node's own frames go first: the target's are what names a leak. */
function innermostFirst(path: CallFrame[]): RawFrame[] {
  let frames = path.slice(1).reverse();
  if (frames.length > MAX_FRAMES) frames = frames.filter((frame, i) => i < 5 || !frame.url.startsWith('node:'));
  return frames
    .slice(0, MAX_FRAMES)
    .map((frame) => ({ function: frame.functionName, url: frame.url, line: frame.lineNumber + 1, column: frame.columnNumber + 1 }));
}
