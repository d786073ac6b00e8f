import { named } from '../ledger/block-names.js';
import { hotFrame } from '../ledger/hot-frame.js';
import { upperBound } from '../ledger/timeline.js';
import type { FactReader } from '../model/fact.js';
import type { ProfileDocument, Recording, SourceLocation } from '../model/recording.js';
import { ledgerContext } from './ledgers.js';

/** Fewer samples name nobody. */
const FEWEST_SAMPLES = 5;

/** The user's function that most often ran, or called what ran, in turns of a route's requests; null where too little was seen. */
export function codeOfRoute(recording: Recording, get: FactReader, route: string): SourceLocation | null {
  const { timelines, routeOf } = get(ledgerContext);
  const { samples } = recording.streams;
  for (const [proc, { startUs, endUs, owner }] of timelines.entries()) {
    const profile = recording.documents.profiles[proc];
    if (!profile) continue;
    const nodes: number[] = [];
    for (let row = 0; row < samples.rows; row++) {
      if (samples.proc[row] !== proc || !hasOwnCode(profile, samples.node[row]!)) continue;
      const turn = upperBound(startUs, samples.tUs[row]!) - 1;
      if (turn >= 0 && endUs[turn]! >= samples.tUs[row]! && routeOf(proc, owner[turn]!) === route) nodes.push(samples.node[row]!);
    }
    if (nodes.length >= FEWEST_SAMPLES) return named(recording, hotFrame(profile, nodes), []).location;
  }
  return null;
}

function hasOwnCode({ nodes }: ProfileDocument, leaf: number): boolean {
  for (let node = leaf; node >= 0; node = nodes[node]?.parent ?? -1) if (nodes[node]?.location.source === 'app') return true;
  return false;
}
