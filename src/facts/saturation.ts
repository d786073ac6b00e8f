import { named } from '../ledger/block-names.js';
import { coveredWithin } from '../ledger/coverage.js';
import { hotFrame } from '../ledger/hot-frame.js';
import { busyWithin, firstTurnAfter, gcWithin } from '../ledger/timeline.js';
import type { Fact } from '../model/fact.js';
import type { Entry } from '../model/ledger.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import type { Present } from '../model/rule.js';
import { evidence, ledgerEvidence, percent, when } from './evidence.js';
import { type Explained, explainedBy, ledgerContext, ledgers } from './ledgers.js';
import { window } from './window.js';

/** Busy beyond this, a queue grows faster than it shrinks (M/D/1: at 90 % the mean wait is 4.5 turns, at 95 % 9.5). */
const BUSY_SHARE = 0.95;
/** ... and it is the program alone that fills it: what the collector or the lack of a core takes would have left room. */
const COMPUTING_SHARE = 0.9;
/** The typical request waits this long behind others, for most of its time. */
const QUEUED_MS = 50;
const QUEUED_SHARE = 0.5;

/** The main thread that computed most of the time: no single turn need be long for a queue to form before it. */
export interface Saturation {
  /** Share of the window in which it computed: without collector pauses, without waiting for a core. 0..1. */
  computingShare: number;
  /** The user's function that most of the computing is for; null where none carries half of it. */
  hot: { location: SourceLocation; share: number } | null;
  /** Where the typical request waits behind others' JavaScript for most of its time, as it does before a full thread; null: nowhere. */
  queue: Explained | null;
}

export const saturation: Fact<Saturation> = {
  id: 'saturation',
  compute(recording, get) {
    const { startUs, endUs, durationUs, session } = get(window);
    const { timelines, offCore } = get(ledgerContext);
    let busiest = -1;
    let computingUs = 0;
    timelines.forEach((timeline, proc) => {
      let us = 0;
      for (let i = firstTurnAfter(timeline, startUs); i < timeline.startUs.length && timeline.startUs[i]! < endUs; i++) {
        const from = Math.max(startUs, timeline.startUs[i]!);
        const to = Math.min(endUs, timeline.endUs[i]!);
        us += Math.max(0, to - from - gcWithin(timeline, from, to) - (offCore[proc]?.withinUs(from, to) ?? 0));
      }
      if (us > computingUs) [busiest, computingUs] = [proc, us];
    });
    if (busiest < 0) return { ok: false, because: 'who held the main thread was not recorded', enable: 'record with --depth standard' };
    const observedUs = Math.min(durationUs, coveredWithin(timelines[busiest]!.coverage, startUs, endUs));
    const computingShare = computingUs / Math.max(1, observedUs);
    const waiting = explainedBy(get(ledgers), isOthersWork, ['p50']).find(({ ms, share }) => ms >= QUEUED_MS && share >= QUEUED_SHARE);
    // Clients that each wait for their answer fill any server there is.
    const busyShare = busyWithin(timelines[busiest]!, startUs, endUs) / Math.max(1, observedUs);
    const full = busyShare >= BUSY_SHARE && computingShare >= COMPUTING_SHARE && session.load?.kind !== 'closed';
    return { ok: true, value: { computingShare, hot: hotIn(recording, busiest, startUs, endUs), queue: full ? (waiting ?? null) : null } };
  },
};

/** The accusation. `queue`: the fact's own. */
export function saturatedFinding({ computingShare, hot }: Saturation, queue: Explained): Present {
  const name = hot ? `${hot.location.function} (${hot.location.file}:${hot.location.line})` : 'no single function';
  return {
    confidence: hot ? 0.9 : 0.7,
    symptom: 'latency',
    explainedShare: queue.share,
    kind: 'saturated',
    title: 'Event loop blocked: more work than one thread can do',
    summary: `The main thread computes ${percent(computingShare)} of the time in short turns, and requests queue behind each other; ${name} carries most of it.`,
    route: queue.route,
    ...(hot ? { location: hot.location } : {}),
    evidence: [
      evidence(`the main thread computed ${percent(computingShare)} of the time`, 'computing', computingShare, 'share', COMPUTING_SHARE),
      ledgerEvidence(queue, "are waiting behind other requests' JavaScript", QUEUED_SHARE),
      ...when(hot, ({ share }) => evidence(`${percent(share)} of the computing is in or below ${name}`, 'hot function', share, 'share')),
    ],
    fixes: [{ says: 'Make it cheaper (cache, index), move it to worker threads, or share the load among more processes.' }],
  };
}

function isOthersWork({ account }: Entry): boolean {
  return account === 'js/other';
}

function hotIn(recording: Recording, proc: number, startUs: number, endUs: number): Saturation['hot'] {
  const profile = recording.documents.profiles[proc];
  const { samples } = recording.streams;
  if (!profile) return null;
  const nodes: number[] = [];
  for (let row = 0; row < samples.rows; row++) {
    if (samples.proc[row] !== proc || samples.tUs[row]! < startUs || samples.tUs[row]! > endUs) continue;
    if (profile.nodes[samples.node[row]!]?.location.function !== '(idle)') nodes.push(samples.node[row]!);
  }
  const hot = hotFrame(profile, nodes);
  if (!hot) return null;
  return { share: hot.share, location: named(recording, hot, []).location ?? hot.location };
}
