/** First in, first out of due times; grows to `limit` and no further. */
export class DueQueue {
  readonly #limit: number;
  #ring = new Float64Array(1_024);
  #head = 0;
  length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when it is full. */
  push(dueUs: number): boolean {
    if (this.length >= this.#limit) return false;
    if (this.length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.length) % this.#ring.length] = dueUs;
    this.length++;
    return true;
  }

  /** The oldest; Infinity when there is none. */
  peek(): number {
    return this.length === 0 ? Number.POSITIVE_INFINITY : this.#ring[this.#head]!;
  }

  shift(): number {
    const dueUs = this.peek();
    if (this.length === 0) return dueUs;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.length--;
    return dueUs;
  }

  #grow(): void {
    const larger = new Float64Array(this.#ring.length * 2);
    for (let i = 0; i < this.length; i++) larger[i] = this.#ring[(this.#head + i) % this.#ring.length]!;
    this.#ring = larger;
    this.#head = 0;
  }
}
