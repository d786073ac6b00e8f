import { readFileSync, statSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { DdxError } from '../errors.js';
import { type Documents, type Recording, type RecordingHeader, STREAMS, type StreamName } from '../model/recording.js';
import { type Block, damage, newer, splitBlocks } from './blocks.js';
import { checkedDocuments, checkedHeader, NO_DOCUMENTS } from './documents.js';
import {
  BlockType,
  MAX_DOCUMENTS_BYTES,
  MAX_FILE_BYTES,
  MAX_HEADER_BYTES,
  MAX_STRING_CHARS,
  MAX_STRINGS,
  MAX_STRINGS_CHARS,
} from './format.js';
import { isObject } from './shape.js';
import { completeProcesses, type PackedRows, type RawTable, repairTable, unpackTable } from './tables.js';

const NAMES = Object.keys(STREAMS) as StreamName[];
/** JSON writes a control character as six. */
const MAX_STRINGS_BYTES = MAX_STRINGS_CHARS * 6 + MAX_STRINGS * 3;
const MAX_WARNINGS = 20;

interface Schema {
  header: RecordingHeader;
  streams: { name: string; columns: string[] }[];
}

/** Throws DdxError: DDX_RECORDING_MISSING, _FOREIGN, _NEWER or _DAMAGED. What could be saved of a damaged file comes with warnings. */
export function readRecording(path: string): Recording {
  let bytes: Buffer;
  try {
    const stat = statSync(path);
    if (!stat.isFile())
      throw new DdxError('DDX_RECORDING_FOREIGN', `${path} is not a file.`, 'Give a file that `ddx run` or `ddx attach` wrote.');
    if (stat.size > MAX_FILE_BYTES) throw damage(path, `${stat.size} bytes are more than a recording can have`);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof DdxError) throw error;
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : `cannot be read: ${(error as Error).message}`;
    throw new DdxError(
      'DDX_RECORDING_MISSING',
      `The recording ${path} ${reason}.`,
      'Check the path, or make one: ddx run --out FILE -- COMMAND',
      { cause: error },
    );
  }
  return decodeRecording(bytes, path);
}

/** `name` stands in messages for the file. Bounded in time and memory by the size of `bytes` and the limits in format.ts. */
export function decodeRecording(bytes: Buffer, name: string): Recording {
  const { blocks, damaged, lostBytes } = splitBlocks(bytes, name);
  const { header, streams } = readHeader(blocks[0], name);
  const warnings: string[] = [];
  const warn = (warning: string) => {
    if (warnings.length < MAX_WARNINGS && !warnings.includes(warning)) warnings.push(warning);
  };
  if (damaged > 0) warn(`${damaged} damaged blocks are left out`);
  if (lostBytes > 0) warn(`the last ${lostBytes} of ${bytes.length} bytes are torn or damaged and left out`);
  else if (!blocks.some((block) => block.type === BlockType.end)) warn('the recording was never closed; its last moments may be missing');

  const strings = readStrings(blocks, warn);
  const tables = new Map<StreamName, RawTable>();
  const packed = packedRows(blocks, streams, warn);
  for (const stream of NAMES) tables.set(stream, unpackTable(stream, packed.get(stream) ?? [], warn));
  const documents = completeProcesses(readDocuments(blocks, warn), tables.values());
  for (const [stream, table] of tables) repairTable(stream, table, strings.length, documents, warn);
  return {
    header,
    strings,
    streams: Object.fromEntries([...tables].map(([stream, table]) => [stream, asTable(table)])) as unknown as Recording['streams'],
    documents,
    warnings,
  };
}

function readHeader(block: Block | undefined, name: string): Schema {
  if (block?.type !== BlockType.header || block.payload.length > MAX_HEADER_BYTES) throw damage(name, 'its header is missing');
  const value = parse(block.payload);
  if (!isObject(value) || !isObject(value['header'])) throw damage(name, 'its header is malformed');
  const schemaVersion = value['header']['schemaVersion'];
  if (typeof schemaVersion === 'number' && schemaVersion > 1) throw newer(name, `schema ${schemaVersion}, this ddx reads up to 1`);
  const header = checkedHeader(value['header']);
  const streams = Array.isArray(value['streams']) ? value['streams'].map(streamSchema) : [];
  if (!header || streams.length === 0 || streams.includes(null)) throw damage(name, 'its header is malformed');
  return { header, streams: streams as Schema['streams'] };
}

function streamSchema(value: unknown): Schema['streams'][number] | null {
  if (!Array.isArray(value) || typeof value[0] !== 'string' || !Array.isArray(value[1])) return null;
  return value[1].every((column) => typeof column === 'string') ? { name: value[0], columns: value[1] } : null;
}

function readStrings(blocks: readonly Block[], warn: (warning: string) => void): string[] {
  const strings: string[] = [];
  let chars = 0;
  for (const { type, payload } of blocks) {
    if (type !== BlockType.strings || payload.length < 4) continue;
    const first = payload.readUInt32LE(0);
    const list = parse(unpack(payload.subarray(4), MAX_STRINGS_BYTES));
    if (!Array.isArray(list) || first < strings.length || first + list.length > MAX_STRINGS) {
      warn('a table of names is malformed and left out');
      continue;
    }
    // A lost block leaves a gap; the indices after it still hold.
    while (strings.length < first) strings.push('?');
    for (const item of list) {
      const kept = typeof item === 'string' ? item.slice(0, MAX_STRING_CHARS) : '?';
      chars += kept.length;
      strings.push(chars > MAX_STRINGS_CHARS + MAX_STRING_CHARS ? '?' : kept);
    }
  }
  return strings;
}

function packedRows(blocks: readonly Block[], streams: Schema['streams'], warn: (warning: string) => void): Map<string, PackedRows[]> {
  const packed = new Map<string, PackedRows[]>();
  const known = new Set<string>(NAMES);
  for (const { type, payload } of blocks) {
    if (type > BlockType.end || type === 0) warn(`blocks of unknown type ${type} are passed over`);
    if (type !== BlockType.columns || payload.length === 0) continue;
    const stream = streams[payload.readUInt8(0)];
    if (!stream || !known.has(stream.name)) {
      warn('rows of an unknown stream are passed over');
      continue;
    }
    const list = packed.get(stream.name) ?? [];
    list.push({ columns: stream.columns, payload: payload.subarray(1) });
    packed.set(stream.name, list);
  }
  return packed;
}

function readDocuments(blocks: readonly Block[], warn: (warning: string) => void): Documents {
  for (const { type, payload } of blocks.toReversed()) {
    if (type !== BlockType.documents) continue;
    const value = parse(unpack(payload, MAX_DOCUMENTS_BYTES));
    if (value !== undefined) return checkedDocuments(value, warn);
    warn('documents cannot be unpacked and are left out');
  }
  warn('the recording holds no documents: processes, source positions and the judged window are not known');
  return NO_DOCUMENTS;
}

function unpack(payload: Buffer, maxBytes: number): Buffer {
  try {
    return brotliDecompressSync(payload, { maxOutputLength: maxBytes });
  } catch {
    return Buffer.alloc(0);
  }
}

/** undefined where it is no JSON. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function asTable(table: RawTable): { rows: number } & Record<string, Float64Array> {
  const columns = Object.fromEntries([...table.columns].map(([name, column]) => [name, column.subarray(0, table.rows)]));
  return { ...columns, rows: table.rows } as { rows: number } & Record<string, Float64Array>;
}
