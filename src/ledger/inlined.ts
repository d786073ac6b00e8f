import type { Recording, SourceLocation } from '../model/recording.js';
import { atLine, type HotFrame, type Inner } from './hot-frame.js';
import { callOf, firstLineMatching } from './source-line.js';

/** A function that was seen this seldom below its caller tells nothing about the rest. */
const SEEN_SHARE = 0.05;
const DEEPEST = 8;

/**
 * Where V8 optimizes a function it copies small ones that it calls into it, and the profiler then often takes their work for its own: the
 * samples lie on the line with the call, which by itself costs nothing. As before the optimization the called function was seen at work,
 * the work is its.
 */
export function throughInlining(recording: Recording, hot: HotFrame): SourceLocation {
  let { location } = hot;
  let key = hot.keys.at(-1)!;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const inner = hot.below(key).find((one) => one.share >= SEEN_SHARE && isCalledAt(recording, location, functionLine(key), one));
    if (!inner) return location;
    key = inner.key;
    location = inner.ownWork ? atLine(inner.location, inner.hottestLine) : inner.location;
    if (!inner.ownWork && !hot.below(key).some(({ share }) => share >= 0.5)) return location;
  }
  return location;
}

function isCalledAt(recording: Recording, at: SourceLocation, firstLine: number, { location }: Inner): boolean {
  // Samples on the first line of a longer function: its lines are not known (code that a tool wrote on one line).
  const linesUnknown = at.line === firstLine;
  const call = callOf(location.function);
  if (!call) return location.file === at.file && (linesUnknown ? location.line >= at.line : location.line === at.line);
  const found = firstLineMatching(recording, at, (text) => call.test(text));
  return found !== null && (linesUnknown || found.line === at.line);
}

/** `functionKey` holds it: "file:line:column:name". */
function functionLine(key: string): number {
  return Number(/:(\d+):\d+:[^:]*$/.exec(key)?.[1] ?? -1);
}
