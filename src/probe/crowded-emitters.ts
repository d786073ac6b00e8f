import type { EventEmitter } from 'node:events';
import type { RawFrame } from '../model/wire.js';
import { nowUs } from './clock.js';
import type { Probe, Source } from './probe.js';
import { guarded } from './state.js';

/** As Node makes it when an emitter gets one listener more than it was told to expect (lib/events.js). */
interface ListenersWarning extends Error {
  emitter: EventEmitter;
  type: string | symbol;
}

interface Crowded {
  emitter: WeakRef<EventEmitter>;
  type: string | symbol;
  site: number;
  /** Number of listeners as the window began, and at the end of each part of it that is over. */
  counts: { tUs: number; count: number }[];
}

const MOST_EMITTERS = 50;
const MOST_COUNTS = 128;
const PARTS = 4;

/** Emitters that Node warned of: how many listeners each gained in each quarter of the window. */
export function recordCrowdedEmitters(probe: Probe): Source {
  const crowded: Crowded[] = [];
  let markedUs = -1;

  const warned = guarded((warning: Error) => {
    if (!isListenersWarning(warning) || crowded.length >= MOST_EMITTERS) return;
    const site = probe.names.site(framesOf(warning.stack ?? ''));
    crowded.push({ emitter: new WeakRef(warning.emitter), type: warning.type, site, counts: [] });
  });
  process.on('warning', warned);

  const count = (tUs: number) => {
    for (const one of crowded) {
      const count = one.emitter.deref()?.listenerCount(one.type) ?? 0;
      one.counts.push({ tUs, count });
      if (one.counts.length > MOST_COUNTS) one.counts = one.counts.filter((_, i) => i % 2 === 0);
    }
  };
  return {
    mark() {
      markedUs = nowUs();
      for (const one of crowded) one.counts = [];
      count(markedUs);
    },
    flush(tUs) {
      if (markedUs >= 0) count(tUs);
    },
    finish() {
      if (markedUs < 0) return;
      const endUs = nowUs();
      count(endUs);
      const gained = crowded.map(({ site, counts }) => ({ kind: 'listener' as const, site, begun: gainedByPart(counts, markedUs, endUs) }));
      if (gained.length > 0) probe.link.message({ t: 'lasting', gained });
    },
    stop() {
      process.removeListener('warning', warned);
    },
  };
}

/** What goes again counts as less, so that a crowd that comes and goes is none. */
function gainedByPart(counts: Crowded['counts'], fromUs: number, toUs: number): number[] {
  // Warned of in the middle of the window: nothing is known of the time before.
  let before = counts[0]?.count ?? 0;
  return Array.from({ length: PARTS }, (_, part) => {
    const untilUs = fromUs + ((toUs - fromUs) * (part + 1)) / PARTS;
    const last = counts.filter(({ tUs }) => tUs <= untilUs).at(-1)?.count ?? before;
    const gained = last - before;
    before = last;
    return gained;
  });
}

function isListenersWarning(warning: Error): warning is ListenersWarning {
  const { emitter } = warning as Partial<ListenersWarning>;
  return warning.name === 'MaxListenersExceededWarning' && typeof emitter?.listenerCount === 'function';
}

const FRAME = /^\s+at (?:async )?(?:(.+?) \()?(.+?):(\d+):(\d+)\)?$/;

/** A stack that was made a text before we saw it. */
function framesOf(stack: string): RawFrame[] {
  return stack.split('\n').flatMap((line) => {
    const match = FRAME.exec(line);
    return match ? [{ function: match[1] ?? '', url: match[2]!, line: Number(match[3]), column: Number(match[4]) }] : [];
  });
}
