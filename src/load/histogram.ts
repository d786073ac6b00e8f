/** 128 buckets per octave: a value and the middle of its bucket are at most 0.4 % apart. */
const SUB_BITS = 7;
const SUB_BUCKETS = 1 << SUB_BITS;
const LARGEST = 2 ** 31 - 1;
/** Number of bits below the leading one that are dropped: 0 up to 255, then one more per octave. */
const SHIFT_BASE = 31 - SUB_BITS;
const BUCKETS = (SHIFT_BASE - Math.clz32(LARGEST)) * SUB_BUCKETS + 2 * SUB_BUCKETS;

/** A histogram as it goes from thread to thread. `counts[b]`: values in bucket b. */
export interface HistogramData {
  counts: Uint32Array;
  sumUs: number;
  minUs: number;
  maxUs: number;
}

/** Counts of whole microseconds up to 35 minutes, log-linear (as HDR histograms are): 13 kB, quantiles within 0.4 %, merge exact. */
export class Histogram {
  #counts = new Uint32Array(BUCKETS);
  #sumUs = 0;
  #minUs = LARGEST;
  #maxUs = 0;

  record(valueUs: number): void {
    const value = valueUs < 0 ? 0 : valueUs > LARGEST ? LARGEST : valueUs | 0;
    let bucket = value;
    if (value >= 2 * SUB_BUCKETS) {
      const shift = SHIFT_BASE - Math.clz32(value);
      bucket = (shift << SUB_BITS) + (value >>> shift);
    }
    this.#counts[bucket]!++;
    this.#sumUs += value;
    if (value > this.#maxUs) this.#maxUs = value;
    if (value < this.#minUs) this.#minUs = value;
  }

  get count(): number {
    let total = 0;
    for (const count of this.#counts) total += count;
    return total;
  }

  /** 0 when nothing was recorded. */
  get maxUs(): number {
    return this.#maxUs;
  }

  get meanUs(): number {
    const { count } = this;
    return count === 0 ? 0 : this.#sumUs / count;
  }

  /** Middle of the bucket that holds the quantile, within what was seen; 0 when nothing was recorded. */
  quantile(share: number): number {
    const total = this.count;
    if (total === 0) return 0;
    const rank = Math.max(1, Math.ceil(share * total));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return Math.min(this.#maxUs, Math.max(this.#minUs, middleOf(bucket)));
    }
    return this.#maxUs;
  }

  /** Values up to and including `limitUs`, rounded to whole buckets. */
  countUpTo(limitUs: number): number {
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS && middleOf(bucket) <= limitUs; bucket++) seen += this.#counts[bucket]!;
    return seen;
  }

  /** Exact: the same as if every value had been recorded here. */
  add(data: HistogramData): void {
    const mine = this.#counts;
    const { counts } = data;
    for (let bucket = 0; bucket < BUCKETS; bucket++) mine[bucket]! += counts[bucket]!;
    this.#sumUs += data.sumUs;
    this.#minUs = Math.min(this.#minUs, data.minUs);
    this.#maxUs = Math.max(this.#maxUs, data.maxUs);
  }

  data(): HistogramData {
    return { counts: this.#counts, sumUs: this.#sumUs, minUs: this.#minUs, maxUs: this.#maxUs };
  }

  /** What was recorded until now, and begins anew. */
  take(): HistogramData {
    const data = this.data();
    this.#counts = new Uint32Array(BUCKETS);
    this.#sumUs = 0;
    this.#minUs = LARGEST;
    this.#maxUs = 0;
    return data;
  }

  /** The buckets that hold anything: [middle in microseconds, count], ascending. */
  buckets(): [valueUs: number, count: number][] {
    const found: [number, number][] = [];
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = this.#counts[bucket]!;
      if (count > 0) found.push([middleOf(bucket), count]);
    }
    return found;
  }
}

function middleOf(bucket: number): number {
  if (bucket < 2 * SUB_BUCKETS) return bucket;
  const shift = (bucket >> SUB_BITS) - 1;
  const low = (bucket - (shift << SUB_BITS)) * 2 ** shift;
  return low + 2 ** (shift - 1);
}
