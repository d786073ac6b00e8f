import { closeSync, openSync, writeSync } from 'node:fs';
import { brotliCompressSync, constants, crc32 } from 'node:zlib';
import { DdxError } from '../errors.js';
import { type Documents, type RecordingHeader, STREAMS, type StreamName } from '../model/recording.js';
import { encodeColumns } from './columns.js';
import { BLOCK_HEAD_BYTES, BlockType, FORMAT_VERSION, MAGIC, MAX_BLOCK_ROWS, MAX_DOCUMENTS_BYTES, ROW_LIMITS } from './format.js';
import { integer } from './integer.js';
import { StringTable } from './string-table.js';

const NAMES = Object.keys(STREAMS) as StreamName[];

interface Pending {
  readonly columns: Float64Array[];
  rows: number;
  written: number;
}

/**
 * Writes a .ddx file while it is being recorded. Rows wait in memory until a stream has MAX_BLOCK_ROWS of them, or until flush().
 * What was flushed survives a SIGKILL of ddx. Any method that writes may throw DDX_OUTPUT_UNWRITABLE, once; after that
 * the writer takes no more rows (they are counted in `dropped`) and leaves the file as it is.
 */
export class RecordingWriter {
  /** Rows that were not kept because their stream had reached its limit. */
  readonly dropped: Partial<Record<StreamName, number>> = {};
  readonly #path: string;
  readonly #pending: Record<StreamName, Pending>;
  readonly #strings = new StringTable();
  #stringsWritten = 0;
  #documents: Documents | null = null;
  #fd = -1;

  constructor(path: string, header: RecordingHeader) {
    this.#path = path;
    this.#pending = Object.fromEntries(NAMES.map((name) => [name, emptyPending(name)])) as Record<StreamName, Pending>;
    try {
      this.#fd = openSync(path, 'w');
    } catch (error) {
      throw unwritable(path, error);
    }
    const version = Buffer.alloc(4);
    version.writeUInt32LE(FORMAT_VERSION);
    this.#write(Buffer.concat([MAGIC, version]));
    const streams = NAMES.map((name) => [name, STREAMS[name]]);
    this.#block(BlockType.header, Buffer.from(JSON.stringify({ header, streams })));
  }

  /** Index for a text column. */
  intern(text: string): number {
    return this.#strings.intern(text);
  }

  /** `rows`: row-major, as many values per row as STREAMS[stream] has columns. What is no integer is rounded; NaN becomes -1. */
  append(stream: StreamName, rows: Float64Array): void {
    const width = STREAMS[stream].length;
    if (rows.length % width !== 0) throw new RangeError(`${stream}: ${rows.length} values do not fill rows of ${width}`);
    const pending = this.#pending[stream];
    const offered = rows.length / width;
    const room = this.#fd < 0 ? 0 : Math.max(0, ROW_LIMITS[stream] - pending.written - pending.rows);
    const taken = Math.min(offered, room);
    if (taken < offered) this.dropped[stream] = (this.dropped[stream] ?? 0) + offered - taken;
    for (let row = 0; row < taken; row++) {
      if (pending.rows === pending.columns[0]!.length) grow(pending);
      for (let column = 0; column < width; column++) pending.columns[column]![pending.rows] = integer(rows[row * width + column]!);
      if (++pending.rows === MAX_BLOCK_ROWS) this.#flushStream(stream);
    }
  }

  /** Written at the next flush() or close(); of several the last one counts. */
  setDocuments(documents: Documents): void {
    this.#documents = documents;
  }

  flush(): void {
    this.#flushStrings();
    for (const name of NAMES) this.#flushStream(name);
    if (this.#documents) {
      this.#block(BlockType.documents, encodeDocuments(this.#documents));
      this.#documents = null;
    }
  }

  /** Flushes, marks the file as complete and lets go of it. Further calls do nothing. */
  close(): void {
    if (this.#fd < 0) return;
    this.flush();
    this.#block(BlockType.end, Buffer.alloc(0));
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #flushStrings(): void {
    const fresh = this.#strings.list.slice(this.#stringsWritten);
    if (fresh.length === 0) return;
    const first = Buffer.alloc(4);
    first.writeUInt32LE(this.#stringsWritten);
    this.#block(BlockType.strings, Buffer.concat([first, compress(JSON.stringify(fresh))]));
    this.#stringsWritten += fresh.length;
  }

  #flushStream(name: StreamName): void {
    const pending = this.#pending[name];
    if (pending.rows === 0) return;
    // A reader of a torn file must know every text that a row speaks of.
    this.#flushStrings();
    const block = encodeColumns(pending.columns, pending.rows);
    pending.written += pending.rows;
    pending.rows = 0;
    this.#block(BlockType.columns, Buffer.concat([Buffer.from([NAMES.indexOf(name)]), block]));
  }

  #block(type: number, payload: Buffer): void {
    const head = Buffer.alloc(BLOCK_HEAD_BYTES);
    head.writeUInt8(type, 0);
    head.writeUInt32LE(payload.length, 4);
    head.writeUInt32LE(crc32(payload, crc32(head.subarray(0, 8))), 8);
    this.#write(Buffer.concat([head, payload]));
  }

  #write(bytes: Buffer): void {
    if (this.#fd < 0) return;
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    } catch (error) {
      const fd = this.#fd;
      this.#fd = -1;
      closeSync(fd);
      throw unwritable(this.#path, error);
    }
  }
}

function emptyPending(name: StreamName): Pending {
  return { columns: STREAMS[name].map(() => new Float64Array(64)), rows: 0, written: 0 };
}

function grow(pending: Pending): void {
  pending.columns.forEach((column, index) => {
    const larger = new Float64Array(Math.min(MAX_BLOCK_ROWS, column.length * 4));
    larger.set(column);
    pending.columns[index] = larger;
  });
}

/** Without what is dispensable where all of it would be too large to be read again. */
function encodeDocuments(documents: Documents): Buffer {
  const whole = JSON.stringify(documents);
  if (Buffer.byteLength(whole) <= MAX_DOCUMENTS_BYTES) return compress(whole);
  const withoutHeap = JSON.stringify({ ...documents, heapProfiles: [] });
  if (Buffer.byteLength(withoutHeap) <= MAX_DOCUMENTS_BYTES) return compress(withoutHeap);
  return compress(JSON.stringify({ ...documents, heapProfiles: [], profiles: [], sources: [], spawns: [], sites: [], blocks: [] }));
}

function compress(text: string): Buffer {
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } });
}

function unwritable(path: string, error: unknown): DdxError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DdxError('DDX_OUTPUT_UNWRITABLE', `Cannot write the recording ${path}: ${reason}`, 'Choose another place with --out FILE.', {
    cause: error,
  });
}
