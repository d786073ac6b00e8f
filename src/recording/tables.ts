import { type Documents, STREAMS, STRING_COLUMNS, type StreamName } from '../model/recording.js';
import { decodeColumns, rowsOf } from './columns.js';
import { UNKNOWN_PROCESS } from './documents.js';
import { MAX_BLOCK_ROWS, ROW_LIMITS, UNPACKED_BYTES } from './format.js';

export interface RawTable {
  rows: number;
  columns: Map<string, Float64Array>;
}

/** One block of columns, still packed. `columns`: the names its writer gave to them. */
export interface PackedRows {
  readonly columns: readonly string[];
  readonly payload: Buffer;
}

const LARGEST = 2 ** 53;
/** More processes than any machine serves one port with. */
const MAX_PROCESSES = 4096;

/** Columns that an older writer did not have are -1, unknown ones are passed over. Never more than ROW_LIMITS rows. */
export function unpackTable(stream: StreamName, packed: readonly PackedRows[], warn: (warning: string) => void): RawTable {
  const capacity = capacityFor(stream, packed);
  const table: RawTable = { rows: 0, columns: new Map(STREAMS[stream].map((name) => [name, new Float64Array(capacity)])) };
  let broken = 0;
  for (const block of packed) {
    if (table.rows + Math.min(rowsOf(block.payload), MAX_BLOCK_ROWS) > capacity) {
      warn(`${stream} holds more than ${capacity} rows; the rest is left out`);
      break;
    }
    try {
      fill(table, block);
    } catch {
      broken++;
    }
  }
  if (broken > 0) warn(`${broken} blocks of ${stream} cannot be unpacked and are left out`);
  return table;
}

/** Makes every value an integer within +-2^53 and every reference point at something; -1 where it does not. */
export function repairTable(
  stream: StreamName,
  table: RawTable,
  strings: number,
  documents: Documents,
  warn: (warning: string) => void,
): void {
  const references: Record<string, number> = stream === 'waits' ? { site: documents.sites.length } : {};
  for (const name of STRING_COLUMNS[stream] ?? []) references[name] = strings;
  let wrong = 0;
  for (const [name, column] of table.columns) {
    const limit = references[name];
    const high = limit === undefined ? LARGEST : limit - 1;
    const low = limit === undefined ? -LARGEST : -1;
    for (let i = 0; i < table.rows; i++) {
      const value = column[i]!;
      if (value >= low && value <= high && Math.trunc(value) === value) continue;
      column[i] = -1;
      wrong++;
    }
  }
  if (wrong > 0) warn(`${wrong} values of ${stream} are out of range and taken as not known`);
  dropStrayRows(stream, table, documents, warn);
}

/** Lengthens `processes` to cover every `proc` of the tables (a torn file has lost them), and the lists beside it. */
export function completeProcesses(documents: Documents, tables: Iterable<RawTable>): Documents {
  let count = Math.min(documents.processes.length, MAX_PROCESSES);
  for (const table of tables) {
    const procs = table.columns.get('proc');
    for (let i = 0; procs && i < table.rows; i++) if (procs[i]! >= count && procs[i]! < MAX_PROCESSES) count = procs[i]! + 1;
  }
  const fit = <T>(list: readonly T[], filler: T): T[] => Array.from({ length: count }, (_, index) => list[index] ?? filler);
  return {
    ...documents,
    processes: fit(documents.processes, UNKNOWN_PROCESS),
    profiles: fit(documents.profiles, null),
    heapProfiles: fit(documents.heapProfiles, null),
    spawns: documents.spawns.filter((spawn) => spawn.proc < count),
    ...(documents.blocks ? { blocks: documents.blocks.filter((block) => block.proc < count) } : {}),
  };
}

function capacityFor(stream: StreamName, packed: readonly PackedRows[]): number {
  let offered = 0;
  let packedBytes = 0;
  for (const { payload } of packed) {
    offered += Math.min(rowsOf(payload), MAX_BLOCK_ROWS);
    packedBytes += payload.length;
  }
  const affordable = UNPACKED_BYTES.atLeast + packedBytes * UNPACKED_BYTES.perPackedByte;
  return Math.min(offered, ROW_LIMITS[stream], Math.floor(affordable / (8 * STREAMS[stream].length)));
}

function fill(table: RawTable, block: PackedRows): void {
  const columns = decodeColumns(block.payload);
  if (columns.length !== block.columns.length) throw new Error('other columns than announced');
  const rows = rowsOf(block.payload);
  for (const [name, target] of table.columns) {
    const source = columns[block.columns.indexOf(name)];
    if (source) target.set(source, table.rows);
    else target.fill(-1, table.rows, table.rows + rows);
  }
  table.rows += rows;
}

function dropStrayRows(stream: StreamName, table: RawTable, documents: Documents, warn: (warning: string) => void): void {
  const procs = table.columns.get('proc');
  if (!procs) return;
  const isStray = (row: number) => procs[row]! < 0 || procs[row]! >= documents.processes.length;
  let kept = 0;
  for (let row = 0; row < table.rows; row++) {
    if (isStray(row)) continue;
    if (kept < row) for (const column of table.columns.values()) column[kept] = column[row]!;
    kept++;
  }
  if (kept < table.rows) warn(`${table.rows - kept} rows of ${stream} belong to no process and are left out`);
  table.rows = kept;
}
