import { seededRandom } from '../model/random.js';
import type { Arrivals } from './options.js';

/** When the plan begins, when the warm-up is over and when it ends: microseconds on the engine's clock. */
export interface Span {
  startUs: number;
  windowStartUs: number;
  endUs: number;
}

const NEVER = Number.POSITIVE_INFINITY;

/**
 * The due times of an open load, ascending, Infinity after the last. Fixed before the first request is sent, whatever the server does.
 * A ramp rises linearly from the end of the warm-up to the end of the span. `seed` draws Poisson gaps.
 */
export function dueTimes(
  arrivals: Exclude<Arrivals, { kind: 'closed' }>,
  { startUs, windowStartUs, endUs }: Span,
  seed: number,
): () => number {
  if (arrivals.kind === 'trace') {
    let next = 0;
    return () => {
      const atUs = arrivals.atUs[next++];
      const dueUs = atUs === undefined ? NEVER : startUs + atUs;
      return dueUs < endUs ? dueUs : NEVER;
    };
  }
  const { ratePerS, rampToPerS = ratePerS, spacing = 'poisson', phase = 0 } = arrivals;
  const random = seededRandom(seed ^ 0x5bd1e995);
  const gap = spacing === 'uniform' ? () => 1 : () => -Math.log(1 - random());
  const rate = ratePerS / 1e6;
  const growth = endUs > windowStartUs ? (rampToPerS / 1e6 - rate) / (2 * (endUs - windowStartUs)) : 0;
  const beforeWindow = rate * (windowStartUs - startUs);
  // Arrivals expected until then; its inverse is the due time of a process whose rate changes.
  let expected = spacing === 'uniform' ? phase - 1 : 0;
  return () => {
    expected += gap();
    const inWindow = expected - beforeWindow;
    if (inWindow <= 0) return startUs + expected / rate;
    const root = rate * rate + 4 * growth * inWindow;
    if (root < 0) return NEVER;
    const dueUs = windowStartUs + (2 * inWindow) / (rate + Math.sqrt(root));
    return dueUs < endUs ? dueUs : NEVER;
  };
}
