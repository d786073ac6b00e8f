import type { Block } from '../ledger/blocks.js';
import { functionKey } from '../ledger/hot-frame.js';
import { callOf, firstLineMatching } from '../ledger/source-line.js';
import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { ledgerContext } from './ledgers.js';
import { ascending, quantile } from './stats.js';
import { window } from './window.js';

/** Chains of ticks or of promises' continuations of one owner in which each begins the next, so that the loop does not come round. */
export interface Starvation {
  /** The user's function that begins the next one, at the line where it does; null where no function stands out. */
  location: SourceLocation | null;
  count: number;
  totalMs: number;
  medianMs: number;
  /** Callbacks and continuations in the median chain, and how long one takes on average. */
  medianCalls: number;
  perCallUs: number;
  /** As the ledger calls their blocks; the routes themselves where no function carries one. */
  labels: string[];
  /** Some have no such name: then they are their requests' own time without one. */
  unnamed: boolean;
  routes: string[];
}

/** A chain in which one link takes more than this share is that link's block. */
const LONGEST_SHARE = 0.2;
/** Of a stretch, what chains of one owner each must hold, of so many links each: a batch of requests that were read at once is the work of
 *  many owners, with few callbacks each. */
const HELD_SHARE = 0.8;
const FEWEST_CALLS = 20;
const SAME_FUNCTION_SHARE = 0.5;

export const starvation: Fact<readonly Starvation[]> = {
  id: 'starvation',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    if (!recording.documents.processes.some(({ features }) => features['unpolled'] === true)) {
      return { ok: false, because: "nobody counted the loop's rounds", enable: 'record with --depth standard and Node.js 20.18 or newer' };
    }
    const { blocks, routeOf } = get(ledgerContext);
    const { unpolled } = recording.streams;
    const chains = new Map<string, Chain[]>();
    for (let row = 0; row < unpolled.rows; row++) {
      const fromUs = unpolled.startUs[row]!;
      const durUs = unpolled.durUs[row]!;
      const untilUs = fromUs + durUs;
      if (untilUs < startUs || fromUs > endUs || unpolled.longestUs[row]! > durUs * LONGEST_SHARE) continue;
      const within = blocks.all.filter((block) => block.proc === unpolled.proc[row] && overlapUs(block, fromUs, untilUs) > 0);
      const heldUs = within.reduce((sum, block) => sum + overlapUs(block, fromUs, untilUs), 0);
      if (heldUs < HELD_SHARE * durUs || unpolled.calls[row]! < FEWEST_CALLS * within.length) continue;
      for (const block of within) {
        const starter = starterOf(recording, block);
        if (!starter) continue;
        const chainUs = overlapUs(block, fromUs, untilUs);
        const list = chains.get(functionKey(starter)) ?? [];
        list.push({ durUs: chainUs, calls: Math.round((unpolled.calls[row]! * chainUs) / heldUs), block, starter });
        chains.set(functionKey(starter), list);
      }
    }
    const value = [...chains.values()].map((list): Starvation => {
      const totalUs = list.reduce((sum, { durUs }) => sum + durUs, 0);
      return {
        location: list[0]!.starter,
        count: list.length,
        totalMs: totalUs / 1000,
        medianMs: quantile(ascending(list.map(({ durUs }) => durUs / 1000)), 0.5),
        medianCalls: quantile(ascending(list.map(({ calls }) => calls)), 0.5),
        perCallUs: totalUs / list.reduce((sum, { calls }) => sum + calls, 0),
        labels: [...new Set(list.flatMap(({ block: { label, proc, owner } }) => label ?? routeOf(proc, owner) ?? []))],
        unnamed: list.some(({ block: { label } }) => label === null),
        routes: [...new Set(list.flatMap(({ block: { proc, owner } }) => (owner === 0 ? [] : (routeOf(proc, owner) ?? []))))],
      };
    });
    return { ok: true, value: value.sort((a, b) => b.totalMs - a.totalMs) };
  },
};

interface Chain {
  durUs: number;
  calls: number;
  block: Block;
  starter: SourceLocation;
}

function overlapUs(block: Block, fromUs: number, toUs: number): number {
  return Math.min(block.endUs, toUs) - Math.max(block.startUs, fromUs);
}

/** The function that Node calls when it works off ticks and continuations, where it is mostly the same and shows how it begins the next. */
function starterOf(recording: Recording, { proc, nodes }: Block): SourceLocation | null {
  const profile = recording.documents.profiles[proc];
  if (!profile) return null;
  const called = new Map<string, { location: SourceLocation; samples: number }>();
  // V8 may copy all of it into the function of Node's that calls it, and only what ran before that shows who it was.
  let telling = 0;
  for (const leaf of nodes) {
    let outermost: SourceLocation | null = null;
    let drained = false;
    for (let node = leaf; node >= 0; node = profile.nodes[node]!.parent) {
      const { location, parent } = profile.nodes[node]!;
      if (location.source === 'app') outermost = location;
      // Where no tick waits, V8 works off continuations without any function of Node's.
      const first = profile.nodes[parent]?.location.function === '(root)' && location.source !== 'node' && location.source !== 'native';
      drained ||= first || location.function === 'processTicksAndRejections' || /^runMicrotasks?$/.test(location.function);
    }
    if (!outermost) continue;
    telling++;
    if (!drained) continue;
    const seen = called.get(functionKey(outermost)) ?? { location: outermost, samples: 0 };
    seen.samples++;
    called.set(functionKey(outermost), seen);
  }
  const [most] = [...called.values()].sort((a, b) => b.samples - a.samples);
  if (!most || most.samples < telling * SAME_FUNCTION_SHARE) return null;
  return beginsNext(recording, most.location);
}

const TICK = /\b(?:nextTick|queueMicrotask)\s*\(/;
const CONTINUATION = /\bawait\b|\.then\s*\(/;
const LOOP = /\b(?:for|while|do)\b/;

function beginsNext(recording: Recording, location: SourceLocation): SourceLocation | null {
  let looped = false;
  let again = false;
  const itself = callOf(location.function);
  const inLoop = firstLineMatching(recording, location, (text, line) => {
    looped ||= LOOP.test(text);
    again ||= line > location.line && itself?.test(text) === true;
    return looped && CONTINUATION.test(text);
  });
  const tick = firstLineMatching(recording, location, (text) => TICK.test(text));
  // An await by itself is what any handler has.
  return tick ?? inLoop ?? (again ? firstLineMatching(recording, location, (text) => CONTINUATION.test(text)) : null);
}
