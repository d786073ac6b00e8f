import { type Documents, type Recording, type RecordingHeader, STREAMS, type StreamName } from '../model/recording.js';
import { ROW_LIMITS } from './format.js';
import { integer } from './integer.js';
import { StringTable } from './string-table.js';

interface Piece {
  /** When it came. */
  tUs: number;
  /** Row-major. */
  rows: Float64Array;
}

const NAMES = Object.keys(STREAMS) as StreamName[];
/** Of what a file may hold: who watches keeps seconds, and ddx must not become the machine's largest process. */
const SHARE_OF_LIMIT = 1 / 8;
/** Few rows, made once, that say something of all the time after them. */
const KEPT_FOR_GOOD: ReadonlySet<StreamName> = new Set(['trials']);

/** What was recorded within the last `spanUs`, in memory. Rows are as old as their arrival. */
export class RollingRecording {
  readonly #header: RecordingHeader;
  readonly #spanUs: number;
  readonly #strings = new StringTable();
  readonly #pieces = new Map<StreamName, Piece[]>(NAMES.map((name) => [name, []]));
  readonly #rows = new Map<StreamName, number>();
  #dropped: Partial<Record<StreamName, number>> = {};

  constructor(header: RecordingHeader, spanUs: number) {
    this.#header = header;
    this.#spanUs = spanUs;
  }

  intern(text: string): number {
    return this.#strings.intern(text);
  }

  /** `rows`: row-major, as many values per row as STREAMS[stream] has columns. Where a stream has too many rows its oldest go. */
  append(stream: StreamName, rows: Float64Array, tUs: number): void {
    const width = STREAMS[stream].length;
    if (rows.length === 0 || rows.length % width !== 0) return;
    const pieces = this.#pieces.get(stream)!;
    pieces.push({ tUs, rows });
    let held = (this.#rows.get(stream) ?? 0) + rows.length / width;
    if (!KEPT_FOR_GOOD.has(stream)) held -= this.#forget(pieces, width, tUs - this.#spanUs);
    while (held > ROW_LIMITS[stream] * SHARE_OF_LIMIT && pieces.length > 1) {
      const lost = pieces.shift()!.rows.length / width;
      this.#dropped[stream] = (this.#dropped[stream] ?? 0) + lost;
      held -= lost;
    }
    this.#rows.set(stream, held);
  }

  /** Rows that were lost since this was asked last. */
  takeDropped(): Partial<Record<StreamName, number>> {
    const dropped = this.#dropped;
    this.#dropped = {};
    return dropped;
  }

  /** All that is held, as if it had been read from a file. `documents` belong to the recording from now on. */
  view(documents: Documents): Recording {
    const streams = Object.fromEntries(NAMES.map((name) => [name, tableOf(name, this.#pieces.get(name)!)]));
    return {
      header: this.#header,
      strings: [...this.#strings.list],
      streams: streams as unknown as Recording['streams'],
      documents,
      warnings: [],
    };
  }

  #forget(pieces: Piece[], width: number, beforeUs: number): number {
    let rows = 0;
    while (pieces.length > 0 && pieces[0]!.tUs < beforeUs) rows += pieces.shift()!.rows.length / width;
    return rows;
  }
}

function tableOf(stream: StreamName, pieces: readonly Piece[]): { rows: number } & Record<string, Float64Array> {
  const names = STREAMS[stream];
  const rows = pieces.reduce((sum, piece) => sum + piece.rows.length, 0) / names.length;
  const columns = names.map(() => new Float64Array(rows));
  let row = 0;
  for (const { rows: values } of pieces) {
    for (let at = 0; at < values.length; at += names.length, row++)
      for (let column = 0; column < names.length; column++) columns[column]![row] = integer(values[at + column]!);
  }
  return { ...Object.fromEntries(names.map((name, i) => [name, columns[i]!])), rows } as { rows: number } & Record<string, Float64Array>;
}
