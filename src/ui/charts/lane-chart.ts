import uPlot from 'uplot';
import { wordSeconds, wordValue } from '../../model/wording.js';
import type { Lane } from './lanes.js';

/** Charts that share one time axis and one cursor. */
export interface LaneGroup {
  charts: Set<uPlot>;
  /** Guards against a zoom answering itself. */
  zooming: boolean;
}

export interface LaneOptions {
  lane: Lane;
  width: number;
  height: number;
  /** Only the last lane writes the times. */
  withTimes: boolean;
  durationS: number;
  group: LaneGroup;
  /** Called with the values under the cursor, null where it is away. */
  onCursor: (tS: number | null, values: (number | null)[]) => void;
}

const SYNC_KEY = 'ddx-lanes';
const AXIS_WIDTH = 68;
/** So that axes of memory say 64 MB, not 61. */
const BINARY_STEPS = Array.from({ length: 50 }, (_, i) => 2 ** i);
const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3]];

export function drawLane(parent: HTMLElement, options: LaneOptions): uPlot {
  const { lane, group } = options;
  const css = getComputedStyle(parent);
  const color = (name: string): string => css.getPropertyValue(name).trim();
  const font = `11px ${css.fontFamily}`;
  const data = uPlot.join(lane.lines.map(({ series }) => [series.points.map(([t]) => t), series.points.map(([, value]) => value)]));
  const chart = new uPlot(
    {
      width: options.width,
      height: options.height,
      padding: [8, 16, options.withTimes ? 0 : 8, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: (_, min, max) => [min ?? 0, max ?? options.durationS] },
        y: { range: (_, __, max) => [0, lane.unit === 'share' ? Math.max(1, max ?? 1) : (max || 1) * 1.12] },
      },
      axes: [
        {
          stroke: color('--ink-2'),
          font,
          size: options.withTimes ? 26 : 0,
          ticks: { show: false },
          grid: { stroke: color('--line'), width: 1 },
          values: (_, splits) => splits.map((value) => (options.withTimes ? wordSeconds(value) : null)),
        },
        {
          stroke: color('--ink-2'),
          font,
          size: AXIS_WIDTH,
          gap: 6,
          space: 28,
          ...(lane.unit === 'bytes' ? { incrs: BINARY_STEPS } : {}),
          ticks: { show: false },
          grid: { stroke: color('--line'), width: 1 },
          values: (_, splits) => splits.map((value) => wordValue(value, lane.unit)),
        },
      ],
      cursor: { sync: { key: SYNC_KEY, setSeries: false }, drag: { x: true, y: false, setScale: true }, points: { size: 6 }, y: false },
      series: [
        {},
        ...lane.lines.map((line, i) => ({
          label: line.name,
          stroke: color(`--series-${(i % 4) + 1}`),
          dash: DASHES[i % DASHES.length]!,
          width: 1.6,
          spanGaps: true,
          points: { show: line.series.points.length < 3 },
          ...(i === 0 ? { fill: color('--series-fill') } : {}),
        })),
      ],
      hooks: {
        setCursor: [
          (u) => {
            const at = u.cursor.idx;
            options.onCursor(
              at == null ? null : (u.data[0][at] ?? null),
              at == null ? [] : lane.lines.map((_, i) => nearest(u.data[i + 1]!, at)),
            );
          },
        ],
        setScale: [
          (u, key) => {
            const { min, max } = u.scales['x']!;
            if (key !== 'x' || group.zooming || min == null || max == null) return;
            group.zooming = true;
            for (const other of group.charts) if (other !== u) other.setScale('x', { min, max });
            group.zooming = false;
          },
        ],
      },
    },
    data,
    parent,
  );
  group.charts.add(chart);
  // Its own data would make a lane begin at its first sample.
  fit(group, options.durationS);
  chart.over.addEventListener('dblclick', () => fit(group, options.durationS));
  return chart;
}

export function fit(group: LaneGroup, durationS: number): void {
  group.zooming = true;
  for (const chart of group.charts) chart.setScale('x', { min: 0, max: durationS });
  group.zooming = false;
}

/** Lines of one lane may have been sampled at different times. */
function nearest(values: ArrayLike<number | null | undefined>, at: number): number | null {
  for (let d = 0; d < 12; d++) {
    const value = values[at - d] ?? values[at + d];
    if (value != null) return value;
  }
  return null;
}
