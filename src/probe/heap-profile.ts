import type { RawFrame } from '../model/wire.js';
import { nowUs } from './clock.js';
import type { CallFrame, Inspector } from './inspector.js';
import type { Probe, Source } from './probe.js';

interface HeapNode {
  callFrame: CallFrame;
  selfSize: number;
  children: HeapNode[];
}

const SAMPLING_BYTES = 512 << 10;
const FIRST_MOMENT_US = 4_000_000;
const LONGEST_GAP_US = 60_000_000;
const MAX_STACKS = 60;
const MAX_FRAMES = 30;
/** V8 collects the whole heap before it answers, so asking stops the target; measured 1-3 ms per MB on two shared cores. */
const PAUSE_US_PER_BYTE = 1000 / (1 << 20);
const PAUSE_LIMIT_US = 20_000;

/**
 * Live bytes by allocation stack, at a few moments. V8 forces a full collection each time: the moments lie further and further apart
 * and are left out where the heap has grown so large that the pause would be felt, except for the last, which ends the recording.
 */
export function recordHeapProfile(probe: Probe, inspector: Inspector, urls: Set<string>): Source | null {
  if (inspector.ask('HeapProfiler.startSampling', { samplingInterval: SAMPLING_BYTES }) === null) return null;
  let usPerByte = PAUSE_US_PER_BYTE;
  let gapUs = FIRST_MOMENT_US;
  let nextUs = nowUs() + gapUs;

  const take = () => {
    const heapBytes = process.memoryUsage().heapUsed;
    const beganUs = nowUs();
    const answer = inspector.ask<{ profile: { head: HeapNode } }>('HeapProfiler.getSamplingProfile');
    const endedUs = nowUs();
    usPerByte = (endedUs - beganUs) / heapBytes;
    if (answer) probe.link.message({ t: 'heap-profile', tUs: Math.round(endedUs), stacks: largestStacks(answer.profile.head, urls) });
  };
  return {
    flush(tUs) {
      if (tUs < nextUs) return;
      gapUs = Math.min(gapUs * 2, LONGEST_GAP_US);
      nextUs = tUs + gapUs;
      if (process.memoryUsage().heapUsed * usPerByte <= PAUSE_LIMIT_US) take();
    },
    finish: take,
    stop() {
      inspector.ask('HeapProfiler.stopSampling');
    },
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
