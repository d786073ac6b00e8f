import type { Column, StreamName } from '../model/recording.js';
import type { Link } from './link.js';

type Columns = { readonly [S in StreamName]?: readonly Exclude<Column<S>, 'proc'>[] };

/** The streams of this side; capture knows which process speaks and adds `proc`. */
export const COLUMNS = {
  requests: [
    'id',
    'startUs',
    'endUs',
    'route',
    'status',
    'bytes',
    'port',
    'ownUs',
    'flags',
    'polledUs',
    'answeredUs',
    'bodyFromUs',
    'bodyUs',
  ],
  turns: ['startUs', 'durUs', 'owner'],
  coverage: ['startUs', 'endUs'],
  trials: ['startUs', 'endUs', 'level', 'cpuUs', 'requests'],
  waits: ['owner', 'kind', 'site', 'dest', 'startUs', 'endUs', 'flags', 'notBeforeUs', 'readyByUs', 'by', 'bySite', 'shape', 'same'],
  phases: ['owner', 'waitStartUs', 'kind', 'startUs', 'endUs'],
  stalls: ['startUs', 'durUs', 'runqUs'],
  unpolled: ['startUs', 'durUs', 'calls', 'longestUs'],
  gc: ['startUs', 'durUs', 'kind', 'usedBefore', 'usedAfter'],
  loop: ['tUs', 'activeUs', 'idleUs', 'delayP50Us', 'delayP99Us', 'delayMaxUs'],
  heap: ['tUs', 'heapUsed', 'heapTotal', 'heapLimit', 'external', 'arrayBuffers', 'rss'],
  poolProbe: ['tUs', 'latencyUs'],
  samples: ['tUs', 'node'],
} as const satisfies Columns;

export type ProbeStream = keyof typeof COLUMNS;

/** A fixed block of memory per stream: filled in place, sent when full or when the flush timer comes. */
export interface RowBuffer {
  readonly values: Float64Array;
  /** Index in `values` of a fresh row. */
  claim(): number;
  flush(): void;
  dropped: number;
}

export type Rows = { readonly [S in ProbeStream]: RowBuffer };

const ROWS_PER_BUFFER: Record<ProbeStream, number> = {
  requests: 1024,
  turns: 4096,
  coverage: 16,
  trials: 16,
  waits: 1024,
  phases: 512,
  stalls: 512,
  unpolled: 16,
  gc: 256,
  loop: 16,
  heap: 16,
  poolProbe: 32,
  samples: 4096,
};

export const STREAM_NAMES = Object.keys(COLUMNS) as ProbeStream[];

export function createRows(link: Link): Rows {
  const rows = {} as Record<ProbeStream, RowBuffer>;
  STREAM_NAMES.forEach((name, index) => {
    rows[name] = createBuffer(COLUMNS[name].length, ROWS_PER_BUFFER[name], (bytes) => link.rows(index, bytes));
  });
  return rows;
}

function createBuffer(width: number, capacity: number, send: (bytes: Uint8Array) => boolean): RowBuffer {
  const values = new Float64Array(width * capacity);
  let used = 0;
  const buffer: RowBuffer = {
    values,
    dropped: 0,
    claim() {
      if (used === values.length) buffer.flush();
      const at = used;
      used += width;
      return at;
    },
    flush() {
      if (used === 0) return;
      if (!send(new Uint8Array(values.buffer, 0, used * 8))) buffer.dropped += used / width;
      used = 0;
    },
  };
  return buffer;
}
