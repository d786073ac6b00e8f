import { STREAMS } from '../model/recording.js';

const COLUMNS = STREAMS.client.length;
const BATCH_ROWS = 4_096;

/** Gathers rows and hands them over in batches, each an array of its own. */
export class RowBuffer {
  readonly #deliver: (rows: Float64Array) => void;
  #rows = new Float64Array(BATCH_ROWS * COLUMNS);
  #used = 0;

  constructor(deliver: (rows: Float64Array) => void) {
    this.#deliver = deliver;
  }

  /** Values in the order of STREAMS.client. */
  add(
    intendedUs: number,
    sentUs: number,
    firstByteUs: number,
    doneUs: number,
    route: number,
    status: number,
    error: number,
    port: number,
    bytes: number,
  ): void {
    const rows = this.#rows;
    const at = this.#used;
    rows[at] = intendedUs;
    rows[at + 1] = sentUs;
    rows[at + 2] = firstByteUs;
    rows[at + 3] = doneUs;
    rows[at + 4] = route;
    rows[at + 5] = status;
    rows[at + 6] = error;
    rows[at + 7] = port;
    rows[at + 8] = bytes;
    this.#used = at + COLUMNS;
    if (this.#used === rows.length) this.flush();
  }

  flush(): void {
    if (this.#used === 0) return;
    const rows = this.#rows.slice(0, this.#used);
    this.#used = 0;
    this.#deliver(rows);
  }
}
