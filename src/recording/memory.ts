import { type Documents, type Recording, type RecordingHeader, STREAMS, type StreamName } from '../model/recording.js';
import { NO_DOCUMENTS, UNKNOWN_PROCESS } from './documents.js';

export interface RecordingParts {
  header?: Partial<RecordingHeader>;
  strings?: string[];
  /** Rows in the order of STREAMS[stream]. Columns that a row lacks at its end are -1, as in a file that is older than they. */
  rows?: Partial<Record<StreamName, number[][]>>;
  documents?: Partial<Documents>;
}

/**
 * A recording that never was a file, for tests: one target process on a four-core Linux machine, judged from 0 to 10 s,
 * unless `parts` say otherwise. Nothing is checked beyond the width of the rows.
 */
export function buildRecording(parts: RecordingParts = {}): Recording {
  const processes = parts.documents?.processes ?? [{ ...UNKNOWN_PROCESS, pid: 1000, runtime: 'node', versions: { node: '22.0.0' } }];
  const documents: Documents = {
    ...NO_DOCUMENTS,
    session: {
      windowStartUs: 0,
      windowEndUs: 10_000_000,
      load: null,
      dropped: {},
      end: 'duration',
      targetExit: null,
      stderrTail: [],
      limits: { quotaCores: null, memoryBytes: null, usableCores: 4, poolThreads: 4 },
      sources: [],
      probeShare: 0,
      generatorLag: null,
    },
    profiles: processes.map(() => null),
    heapProfiles: processes.map(() => null),
    ...parts.documents,
    processes,
  };
  const streams = Object.fromEntries(
    (Object.keys(STREAMS) as StreamName[]).map((stream) => [stream, tableOf(stream, parts.rows?.[stream] ?? [])]),
  ) as unknown as Recording['streams'];
  return { header: { ...HEADER, ...parts.header }, strings: parts.strings ?? [], streams, documents, warnings: [] };
}

const HEADER: RecordingHeader = {
  schemaVersion: 1,
  ddxVersion: '0.1.0',
  clock: { originUs: 0, wallEpochMs: 1_700_000_000_000 },
  machine: { platform: 'linux', arch: 'x64', cores: 4, cpuModel: 'test', memoryBytes: 8 * 2 ** 30, kernel: '6.1.0' },
  target: { command: ['node', 'server.js'], cwd: '/app', pid: 1000, port: 3000 },
  depth: 'standard',
};

function tableOf(stream: StreamName, rows: number[][]): { rows: number } & Record<string, Float64Array> {
  const names = STREAMS[stream];
  const misfit = rows.find((row) => row.length > names.length || row.length === 0);
  if (misfit) throw new RangeError(`${stream} has the columns ${names.join(', ')}; got [${misfit.join(', ')}]`);
  const columns = Object.fromEntries(names.map((name, index) => [name, Float64Array.from(rows, (row) => row[index] ?? -1)]));
  return { ...columns, rows: rows.length } as { rows: number } & Record<string, Float64Array>;
}
