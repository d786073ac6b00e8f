import { heapTrend } from '../facts/heap-trend.js';
import { optional } from '../facts/reader.js';
import { requests } from '../facts/requests.js';
import { ascending, quantile, thin } from '../facts/stats.js';
import { window } from '../facts/window.js';
import type { FactReader } from '../model/fact.js';
import type { Recording } from '../model/recording.js';
import type { Series } from '../model/report.js';

type Points = [tS: number, value: number][];

/** Steps of the charts; wider for recordings of more than MOST_STEPS of them. */
export const STEP_S = 0.5;
const MOST_STEPS = 300;

/** Chart data, named "group/quantity"; times in seconds from window start. Only what was measured appears. */
export function seriesOf(recording: Recording, get: FactReader): Record<string, Series> {
  const { startUs, endUs, durationUs } = get(window);
  const stepUs = Math.max(STEP_S * 1e6, durationUs / MOST_STEPS);
  const step = (tUs: number): number => Math.floor((tUs - startUs) / stepUs);
  const inside = (tUs: number): boolean => tUs >= startUs && tUs < endUs;
  const at = (index: number): number => Math.round((index + 0.5) * stepUs) / 1e6;
  const result: Record<string, Series> = {};
  const put = (name: string, unit: string, points: Points): void => {
    if (points.length > 0)
      result[name] = { unit, points: points.map(([tS, value]) => [Math.round(tS * 1e3) / 1e3, Math.round(value * 1e3) / 1e3]) };
  };
  const folded = (rows: Iterable<readonly [tUs: number, value: number]>, fold: (values: number[]) => number): Points => {
    const steps = new Map<number, number[]>();
    for (const [tUs, value] of rows) {
      if (!inside(tUs)) continue;
      const list = steps.get(step(tUs));
      if (list) list.push(value);
      else steps.set(step(tUs), [value]);
    }
    return [...steps].sort((a, b) => a[0] - b[0]).map(([index, values]) => [at(index), fold(values)]);
  };

  const wall = get(requests).map((request) => [request.startUs, (request.endUs - request.startUs) / 1000] as const);
  put(
    'latency/p50',
    'ms',
    folded(wall, (values) => quantile(ascending(values), 0.5)),
  );
  put(
    'latency/p99',
    'ms',
    folded(wall, (values) => quantile(ascending(values), 0.99)),
  );
  put(
    'requests/rate',
    '1/s',
    folded(wall, (values) => values.length / (stepUs / 1e6)),
  );

  const { loop, heap, gc, poolProbe, threads, machine, process } = recording.streams;
  put(
    'loop/utilisation',
    'share',
    folded(
      rowsOf(loop.rows, (row) => [loop.tUs[row]!, loop.activeUs[row]! / Math.max(1, loop.activeUs[row]! + loop.idleUs[row]!)]),
      largest,
    ),
  );
  put(
    'loop/delay-max',
    'ms',
    folded(
      rowsOf(loop.rows, (row) => [loop.tUs[row]!, loop.delayMaxUs[row]! / 1000]),
      largest,
    ),
  );
  put(
    'heap/used',
    'MB',
    folded(
      rowsOf(heap.rows, (row) => [heap.tUs[row]!, heap.heapUsed[row]! / 1e6]),
      largest,
    ),
  );
  put(
    'heap/external',
    'MB',
    folded(
      rowsOf(heap.rows, (row) => [heap.tUs[row]!, heap.external[row]! / 1e6]),
      largest,
    ),
  );
  const trend = optional(get, heapTrend);
  if (trend)
    put(
      'heap/after-gc',
      'MB',
      thin(
        trend.floor.map(([tS, bytes]) => [tS, bytes / 1e6] as [number, number]),
        MOST_STEPS,
      ),
    );
  put(
    'gc/pause',
    'ms',
    folded(
      rowsOf(gc.rows, (row) => [gc.startUs[row]!, gc.durUs[row]! / 1000]),
      total,
    ),
  );
  put(
    'pool/probe',
    'ms',
    folded(
      rowsOf(poolProbe.rows, (row) => [poolProbe.tUs[row]!, poolProbe.latencyUs[row]! / 1000]),
      largest,
    ),
  );
  put(
    'cpu/target',
    'cores',
    folded(
      rowsOf(threads.rows, (row) => [threads.tUs[row]!, threads.cpuUs[row]! / stepUs]),
      total,
    ),
  );
  put(
    'cpu/run-queue',
    'cores',
    folded(
      rowsOf(threads.rows, (row) => [threads.tUs[row]!, threads.runqUs[row]! / stepUs]),
      total,
    ),
  );
  put(
    'cpu/machine',
    'share',
    folded(
      rowsOf(machine.rows, (row) => [machine.tUs[row]!, machine.busyUs[row]! / Math.max(1, machine.busyUs[row]! + machine.idleUs[row]!)]),
      largest,
    ),
  );
  put(
    'memory/rss',
    'MB',
    folded(
      rowsOf(process.rows, (row) => [process.tUs[row]!, process.rss[row]! / 1e6]),
      largest,
    ),
  );
  return result;
}

function* rowsOf(rows: number, read: (row: number) => [number, number]): Generator<[number, number]> {
  for (let row = 0; row < rows; row++) yield read(row);
}

function largest(values: number[]): number {
  return values.reduce((most, value) => Math.max(most, value), values[0] ?? 0);
}

function total(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
