/** Takes stretches of the main thread in order of time and passes on fewer, longer ones. Times in microseconds. */
export interface Turns {
  /** `owner` 0 = nobody. A gap to the stretch before means that the loop was idle there. */
  push(startUs: number, endUs: number, owner: number): void;
  /** The loop polled since the last stretch: the next one does not continue it, whosever it is. */
  polled(): void;
  flush(): void;
  /** Where the newest slice that was left out ended; -1 when none was. */
  readonly droppedUntilUs: number;
  readonly dropped: number;
}

/** Shorter unowned stretches are the loop's own bookkeeping, reading and parsing: they go to the owner they lead to. */
const SLIVER_US = 20;
const SLICE_US = 100_000;
const ROWS_PER_SLICE = 2000;
/** A slice that began within budget may overdraw it this far before its tail is cut; later slices pay. */
const SLICE_CUT = 4 * ROWS_PER_SLICE;

export function createTurns(emit: (startUs: number, durUs: number, owner: number) => void): Turns {
  let startUs = 0;
  let endUs = 0;
  let owner = -1;
  /** End of the sliver that follows the pending stretch; `endUs` when there is none. */
  let sliverEndUs = 0;
  let polled = false;

  let slice = -1;
  let rowsInSlice = 0;
  let budget = 2 * ROWS_PER_SLICE;
  let recording = true;

  const turns = {
    droppedUntilUs: -1,
    dropped: 0,
    push(fromUs: number, toUs: number, by: number) {
      const from = Math.round(fromUs);
      const to = Math.round(toUs);
      if (to <= from) return;
      if (owner < 0 || from > sliverEndUs) {
        turns.flush();
        begin(from, to, by);
        return;
      }
      if (by === owner && !polled) {
        endUs = sliverEndUs = to;
        return;
      }
      if (by === 0 && to - endUs < SLIVER_US) {
        sliverEndUs = to;
        return;
      }
      if (owner === 0 && sliverEndUs - startUs < SLIVER_US) {
        begin(startUs, to, by);
        return;
      }
      const boundary = endUs;
      sliverEndUs = endUs;
      turns.flush();
      begin(boundary, to, by);
    },
    polled() {
      polled = true;
    },
    flush() {
      if (owner < 0) return;
      deliver(startUs, sliverEndUs, owner);
      owner = -1;
    },
  };
  return turns;

  function begin(from: number, to: number, by: number): void {
    startUs = from;
    endUs = sliverEndUs = to;
    owner = by;
    polled = false;
  }

  function deliver(from: number, to: number, by: number): void {
    const now = Math.floor(from / SLICE_US);
    if (now !== slice) {
      budget = Math.min(budget + (slice < 0 ? 0 : now - slice) * ROWS_PER_SLICE, 2 * ROWS_PER_SLICE);
      recording = budget > 0;
      slice = now;
      rowsInSlice = 0;
    }
    rowsInSlice++;
    if (recording && rowsInSlice <= SLICE_CUT) {
      budget--;
      emit(from, to - from, by);
      return;
    }
    turns.dropped++;
    turns.droppedUntilUs = to;
  }
}
