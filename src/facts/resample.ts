import { seededRandom } from '../model/random.js';
import { ascending, quantile } from './stats.js';

export interface Interval {
  value: number;
  /** 95 % interval. */
  low: number;
  high: number;
}

const DRAWS = 500;

/**
 * Bootstrap: the statistic of the blocks, and how it scatters when they are drawn again with replacement. The draws are the same each
 * time, so that the same recording gives the same report.
 */
export function resampled<B>(blocks: readonly B[], statistic: (blocks: readonly B[]) => number): Interval {
  const random = seededRandom(blocks.length);
  const drawn = ascending(Array.from({ length: DRAWS }, () => statistic(blocks.map(() => blocks[Math.floor(random() * blocks.length)]!))));
  const value = statistic(blocks);
  const wider = widening(blocks.length);
  return { value, low: value - (value - quantile(drawn, 0.025)) * wider, high: value + (quantile(drawn, 0.975) - value) * wider };
}

/** Few blocks know little of how they scatter: Student's t over the normal quantile, and the bootstrap's own n - 1. */
function widening(count: number): number {
  return count < 2 ? 1 : (1 + 1.2 / (count - 1)) * Math.sqrt(count / (count - 1));
}
