import { crc32 } from 'node:zlib';
import { DdxError } from '../errors.js';
import { BLOCK_HEAD_BYTES, FORMAT_VERSION, MAGIC, MAX_BLOCKS, PREAMBLE_BYTES } from './format.js';

export interface Block {
  readonly type: number;
  readonly payload: Buffer;
}

export interface BlockList {
  readonly blocks: Block[];
  /** Blocks inside the file whose checksum is wrong. */
  readonly damaged: number;
  /** Bytes at the end that belong to no whole block. */
  readonly lostBytes: number;
}

/** Checks the preamble and cuts the rest into blocks. Costs one pass over the bytes and no copy. Throws DdxError. */
export function splitBlocks(bytes: Buffer, name: string): BlockList {
  checkPreamble(bytes, name);
  const blocks: Block[] = [];
  let damaged = 0;
  let at = PREAMBLE_BYTES;
  while (at < bytes.length && blocks.length < MAX_BLOCKS) {
    const end = endOfBlock(bytes, at);
    if (end === null) break;
    if (isSound(bytes, at, end)) {
      blocks.push({ type: bytes.readUInt8(at), payload: bytes.subarray(at + BLOCK_HEAD_BYTES, end) });
    } else {
      // Its length is to be believed only if a sound block follows where it says.
      const next = endOfBlock(bytes, end);
      if (next === null || !isSound(bytes, end, next)) break;
      damaged++;
    }
    at = end;
  }
  return { blocks, damaged, lostBytes: bytes.length - at };
}

function checkPreamble(bytes: Buffer, name: string): void {
  const magic = bytes.subarray(0, MAGIC.length);
  if (bytes.length === 0 || !MAGIC.subarray(0, Math.min(4, magic.length)).equals(magic.subarray(0, 4))) {
    throw new DdxError('DDX_RECORDING_FOREIGN', `${name} is not a ddx recording.`, 'Give a file that `ddx run` or `ddx attach` wrote.');
  }
  if (!magic.equals(MAGIC.subarray(0, magic.length))) throw damage(name, 'it was transferred as text; its line ends are changed');
  if (bytes.length < PREAMBLE_BYTES) throw damage(name, `it ends after ${bytes.length} bytes`);
  const version = bytes.readUInt32LE(MAGIC.length);
  if (version > FORMAT_VERSION) throw newer(name, `format ${version}, this ddx reads up to ${FORMAT_VERSION}`);
  if (version === 0) throw damage(name, 'its format version is 0');
}

export function damage(name: string, reason: string): DdxError {
  return new DdxError(
    'DDX_RECORDING_DAMAGED',
    `The recording ${name} cannot be used: ${reason}.`,
    'Copy it again from where it was made, or record anew.',
  );
}

export function newer(name: string, reason: string): DdxError {
  return new DdxError(
    'DDX_RECORDING_NEWER',
    `The recording ${name} was made by a newer ddx: ${reason}.`,
    'Update ddx: npm install ddx@latest.',
  );
}

function endOfBlock(bytes: Buffer, at: number): number | null {
  if (at + BLOCK_HEAD_BYTES > bytes.length) return null;
  const end = at + BLOCK_HEAD_BYTES + bytes.readUInt32LE(at + 4);
  return end > bytes.length ? null : end;
}

function isSound(bytes: Buffer, at: number, end: number): boolean {
  const sum = crc32(bytes.subarray(at + BLOCK_HEAD_BYTES, end), crc32(bytes.subarray(at, at + 8)));
  return sum === bytes.readUInt32LE(at + 8);
}
