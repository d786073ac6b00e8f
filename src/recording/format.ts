import type { StreamName } from '../model/recording.js';

/**
 * A .ddx file: MAGIC, u32le FORMAT_VERSION, then blocks until the end.
 *
 * Block: u8 type, 3 zero bytes, u32le payload length, u32le crc32 (of the eight bytes before it, then the payload), payload.
 *   header     JSON { header: RecordingHeader, streams: [[name, [column, ...]], ...] }; the first block
 *   strings    u32le index of the first one, brotli(JSON array of strings)
 *   columns    u8 index into the header's streams, u8 columns, u32le rows, per column (u8 mode, u8 width, f64le base), brotli(byte planes)
 *   documents  brotli(JSON Documents); the last one counts
 *   end        empty; the file was closed properly
 *
 * A file that is cut off anywhere keeps every block before the cut.
 */
/** As in PNG: the high bit and the line ends show a transfer that mistook the file for text. */
export const MAGIC = Buffer.from('\x89ddx\r\n\x1a\n', 'latin1');
export const FORMAT_VERSION = 1;
export const PREAMBLE_BYTES = MAGIC.length + 4;
export const BLOCK_HEAD_BYTES = 12;

export const BlockType = { header: 1, strings: 2, columns: 3, documents: 4, end: 5 } as const;

/** A block of ten full-width columns is 5 MB decoded: small enough to lose, large enough to compress. */
export const MAX_BLOCK_ROWS = 65_536;

/** Rows kept per stream; a recording at every limit needs about 1.2 GB in memory, a usual one a hundredth of it. */
export const ROW_LIMITS: { readonly [S in StreamName]: number } = {
  requests: 4_000_000,
  client: 4_000_000,
  turns: 2_000_000,
  waits: 2_000_000,
  phases: 2_000_000,
  samples: 2_000_000,
  stalls: 2_000_000,
  threads: 2_000_000,
  gc: 500_000,
  loop: 500_000,
  heap: 500_000,
  poolProbe: 500_000,
  process: 500_000,
  machine: 500_000,
  cgroup: 500_000,
  coverage: 500_000,
  unpolled: 500_000,
  trials: 500_000,
};

export const MAX_STRING_CHARS = 2048;
export const MAX_STRINGS = 100_000;
/** All strings together. */
export const MAX_STRINGS_CHARS = 4_000_000;
/** Stands for every string that came after the limits were reached. */
export const OVERFLOW_STRING = '(too many names)';

/** JSON of this size is at most some 600 MB as objects, whatever it holds. */
export const MAX_DOCUMENTS_BYTES = 32 * 1024 * 1024;
export const MAX_HEADER_BYTES = 1024 * 1024;
export const MAX_FILE_BYTES = 1024 * 1024 * 1024;
export const MAX_BLOCKS = 1_000_000;
/** Constant columns pack almost without limit. A hostile file of them must not unpack so: bytes per stream, and per packed byte. */
export const UNPACKED_BYTES = { atLeast: 16 * 1024 * 1024, perPackedByte: 1000 };
