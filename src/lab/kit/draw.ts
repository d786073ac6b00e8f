import { seededRandom } from '../../model/random.js';
import { THEMES, type Theme } from './themes.js';

/** The only source of chance in a scenario: the same id and seed give the same values in the same order. */
export interface Draw {
  readonly seed: number;
  readonly theme: Theme;
  /** Both ends included. */
  int(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  chance(share: number): boolean;
  shuffle<T>(list: readonly T[]): T[];
  /** Successive seeds visit all members in turn, so that a few seeds cover all causes of a family. */
  inTurn<T>(list: readonly T[]): T;
}

export function drawFrom(id: string, seed: number, purpose = 'app'): Draw {
  const next = seededRandom(hash(`${id}#${seed}#${purpose}`));
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(list: readonly T[]): T => list[int(0, list.length - 1)]!;
  return {
    seed,
    theme: pick(THEMES),
    int,
    pick,
    chance: (share) => next() < share,
    shuffle: (list) => {
      const out = [...list];
      for (let i = out.length - 1; i > 0; i--) {
        const j = int(0, i);
        [out[i], out[j]] = [out[j]!, out[i]!];
      }
      return out;
    },
    inTurn: (list) => list[seed % list.length]!,
  };
}

/** FNV-1a, 32 bit. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
