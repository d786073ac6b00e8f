import type { Fact } from '../model/fact.js';
import type { BlockDocument, Recording, SourceLocation } from '../model/recording.js';
import type { Present } from '../model/rule.js';
import { evidence } from './evidence.js';

/** An event loop that did not turn once: what held it was caught in the act and was still at it when last seen. */
export interface StuckLoop {
  /** It was seen to last this long; it began before and went on after. */
  lastedMs: number;
  /** The user's own code that does not come back; a dependency's, or Node's, where none of it is on the stack. */
  location: SourceLocation;
  label: string;
  /** Functions of the user's code and its dependencies, outermost first. */
  path: string[];
  urlPath: string | null;
  /** Modules are still being loaded: it has not begun to serve. */
  startingUp: boolean;
}

export const stuckLoops: Fact<readonly StuckLoop[]> = {
  id: 'stuck-loops',
  compute: (recording) => ({ ok: true, value: (recording.documents.blocks ?? []).flatMap((block) => stuckLoop(recording, block)) }),
};

function stuckLoop(recording: Recording, { proc, startUs, endUs, frames, urlPath }: BlockDocument): StuckLoop[] {
  const location = frames.find(({ source }) => source === 'app') ?? frames.find(({ source }) => source === 'dependency') ?? frames[0];
  const { loop } = recording.streams;
  // A row of the loop's own timer means that it turned: then this was a block among others, to be judged with them.
  const turned = loop.proc.subarray(0, loop.rows).includes(proc);
  if (!location || startUs < 0 || turned) return [];
  return [
    {
      lastedMs: (endUs - startUs) / 1000,
      location,
      label: `${location.function} (${location.file}:${location.line})`,
      path: frames
        .filter(({ source }) => source === 'app' || source === 'dependency')
        .map((frame) => frame.function)
        .reverse(),
      urlPath,
      startingUp: frames.some(({ file }) => /^node:internal\/(modules|main)\//.test(file)),
    },
  ];
}

/** The accusation: an exact stack, seen again and again, needs no statistics. */
export function stuckFinding({ label, lastedMs, location, path, urlPath }: StuckLoop): Present {
  const seconds = (lastedMs / 1000).toFixed(1);
  const request = urlPath === null ? 'a task that belongs to no request' : `a request for ${urlPath}`;
  return {
    confidence: 0.97,
    symptom: 'latency',
    explainedShare: 1,
    kind: 'stuck',
    title: 'Event loop blocked for good',
    summary: `${label} holds the main thread and does not come back: ${request} was seen in it for ${seconds} s without a break, and nothing else is served.`,
    location,
    evidence: [
      evidence(`the event loop did not turn once in ${seconds} s, until ddx looked away`, 'event loop stuck', lastedMs, 'ms'),
      evidence(`every look at the stack found ${path.join(' → ')}`, 'stack', path.length, 'frames'),
      ...(urlPath === null ? [] : [evidence(`the request that runs it asks for ${urlPath}`, 'request', 1, 'requests')]),
    ],
    fixes: [
      {
        says: `Find out why ${location.function} does not end with this input (loop condition, regular expression, recursion), and bound it.`,
      },
      { says: 'What is slow by nature belongs in a worker thread, where a time limit can end it.' },
    ],
  };
}
