/** First in, first out of due times, each with the moment since when it waits; grows to `limit` and no further. */
export class DueQueue {
  readonly #limit: number;
  #dues = new Float64Array(1_024);
  #sinces = new Float64Array(1_024);
  #head = 0;
  length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when it is full. */
  push(dueUs: number, sinceUs: number): boolean {
    if (this.length >= this.#limit) return false;
    if (this.length === this.#dues.length) this.#grow();
    const at = (this.#head + this.length) % this.#dues.length;
    this.#dues[at] = dueUs;
    this.#sinces[at] = sinceUs;
    this.length++;
    return true;
  }

  /** The oldest; Infinity when there is none. */
  peek(): number {
    return this.length === 0 ? Number.POSITIVE_INFINITY : this.#dues[this.#head]!;
  }

  /** Of the oldest. */
  sinceUs(): number {
    return this.#sinces[this.#head]!;
  }

  shift(): number {
    const dueUs = this.peek();
    if (this.length === 0) return dueUs;
    this.#head = (this.#head + 1) % this.#dues.length;
    this.length--;
    return dueUs;
  }

  #grow(): void {
    this.#dues = this.#unrolled(this.#dues);
    this.#sinces = this.#unrolled(this.#sinces);
    this.#head = 0;
  }

  #unrolled(ring: Float64Array): Float64Array<ArrayBuffer> {
    const larger = new Float64Array(ring.length * 2);
    for (let i = 0; i < this.length; i++) larger[i] = ring[(this.#head + i) % ring.length]!;
    return larger;
  }
}
