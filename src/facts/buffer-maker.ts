import { firstLineMatching } from '../ledger/source-line.js';
import type { Fact } from '../model/fact.js';
import type { SourceLocation } from '../model/recording.js';
import { keepingLine } from './keeping-line.js';

/** Who makes typed arrays, by the profile: no allocation of theirs is sampled. */
export interface BufferMaker {
  /** The line that keeps them, else the one that makes them. */
  location: SourceLocation;
  container: string | null;
}

const MAKING = /new\s+(?:(?:Float|Int|Uint|BigInt|BigUint)\d+(?:Clamped)?Array|(?:Shared)?ArrayBuffer)\s*\(|\.arrayBuffer\s*\(/;

/** Known only where one function of the user's that ran is seen to make such arrays and to keep something. */
export const bufferMaker: Fact<BufferMaker> = {
  id: 'buffer-maker',
  compute(recording) {
    const makers = new Map<string, BufferMaker & { ticks: number }>();
    for (const profile of recording.documents.profiles) {
      for (const { location, ticks, parent } of profile?.nodes ?? []) {
        if (location.source !== 'app') continue;
        const made = firstLineMatching(recording, location, (text) => MAKING.test(text));
        if (!made) continue;
        const above = profile!.nodes[parent]?.location;
        const kept = keepingLine(recording, above?.source === 'app' ? [location, above] : [location]);
        const found = kept ?? { location: made, container: null };
        const key = `${found.location.file}:${found.location.line}`;
        const known = makers.get(key) ?? { location: found.location, container: found.container, ticks: 0 };
        known.ticks += ticks.reduce((sum, [, samples]) => sum + samples, 0) + (kept ? 1 : 0);
        makers.set(key, known);
      }
    }
    const [most] = [...makers.values()].sort((a, b) => Number(b.container !== null) - Number(a.container !== null) || b.ticks - a.ticks);
    if (!most) return { ok: false, because: 'no function that ran is seen to make typed arrays' };
    return { ok: true, value: { location: most.location, container: most.container } };
  },
};
