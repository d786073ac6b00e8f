import uPlot from 'uplot';
import { wordSeconds, wordValue } from '../../model/wording.js';
import type { Lane } from './lanes.js';

/** Charts that share one time axis and one cursor. */
export interface LaneGroup {
  charts: Set<uPlot>;
  /** All there is to see, seconds from the window's start. */
  whole: readonly [fromS: number, toS: number];
  /** What is seen of it; null: all. */
  view: readonly [fromS: number, toS: number] | null;
  /** Stretches that are shaded. */
  bands: readonly (readonly [fromS: number, toS: number])[];
  /** Guards against a zoom answering itself. */
  zooming: boolean;
}

export function laneGroup(): LaneGroup {
  return { charts: new Set(), whole: [0, 1], view: null, bands: [], zooming: false };
}

export interface LaneOptions {
  lane: Lane;
  width: number;
  height: number;
  /** Only the last lane writes the times. */
  withTimes: boolean;
  group: LaneGroup;
  /** Called with the values under the cursor, null where it is away. */
  onCursor: (tS: number | null, values: (number | null)[]) => void;
}

const SYNC_KEY = 'ddx-lanes';
const AXIS_WIDTH = 68;
const MOST_ZOOM = 500;
/** So that axes of memory say 64 MB, not 61. */
const BINARY_STEPS = Array.from({ length: 50 }, (_, i) => 2 ** i);
const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3]];

export function drawLane(parent: HTMLElement, options: LaneOptions): uPlot {
  const { lane, group } = options;
  const css = getComputedStyle(parent);
  const color = (name: string): string => css.getPropertyValue(name).trim();
  const font = `11px ${css.fontFamily}`;
  const chart = new uPlot(
    {
      width: options.width,
      height: options.height,
      padding: [8, 16, options.withTimes ? 0 : 8, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: (_, min, max) => [min ?? group.whole[0], max ?? group.whole[1]] },
        y: { range: (_, __, max) => [0, lane.unit === 'share' ? Math.max(1, max ?? 1) : (max || 1) * 1.12] },
      },
      axes: [
        {
          stroke: color('--ink-2'),
          font,
          size: options.withTimes ? 26 : 0,
          ticks: { show: false },
          grid: { stroke: color('--line'), width: 1 },
          values: (_, splits) => splits.map((value) => (options.withTimes ? wordTime(value) : null)),
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
        drawClear: [(u) => shade(u, group.bands, color('--band'), color('--bad'))],
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
            group.view = [min, max];
            for (const other of group.charts) if (other !== u) other.setScale('x', { min, max });
            group.zooming = false;
          },
        ],
      },
    },
    dataOf(lane),
    parent,
  );
  group.charts.add(chart);
  // Its own data would make a lane begin at its first sample.
  look(group, group.view);
  chart.over.addEventListener('dblclick', () => look(group, null));
  return chart;
}

/** Behind the lines, with an edge on top that shows without colour. */
function shade({ ctx, bbox, valToPos }: uPlot, bands: LaneGroup['bands'], fill: string, edge: string): void {
  ctx.save();
  for (const [fromS, toS] of bands) {
    const left = Math.max(bbox.left, valToPos(fromS, 'x', true));
    const right = Math.min(bbox.left + bbox.width, valToPos(toS, 'x', true));
    if (right <= bbox.left || left >= bbox.left + bbox.width) continue;
    const width = Math.max(1, right - left);
    ctx.fillStyle = fill;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.fillStyle = edge;
    ctx.fillRect(left, bbox.top, width, 2 * devicePixelRatio);
  }
  ctx.restore();
}

/** Gives a chart other values of the same lines; what is seen of the time stays. */
export function redrawLane(chart: uPlot, lane: Lane, group: LaneGroup): void {
  chart.setData(dataOf(lane), false);
  look(group, group.view);
}

/** Has all charts show `view`; null: everything. */
export function look(group: LaneGroup, view: LaneGroup['view']): void {
  const [fromS, toS] = group.whole;
  const least = (toS - fromS) / MOST_ZOOM;
  const width = Math.min(toS - fromS, Math.max(least, view ? view[1] - view[0] : toS - fromS));
  const min = Math.max(fromS, Math.min(toS - width, view ? view[0] : fromS));
  group.view = view && width < toS - fromS ? [min, min + width] : null;
  group.zooming = true;
  for (const chart of group.charts) chart.setScale('x', { min, max: min + width });
  group.zooming = false;
}

/** Seconds from the window's start; what lies before it, as in a page that follows, is negative. */
export function wordTime(tS: number): string {
  return tS < 0 ? `−${wordSeconds(-tS)}` : wordSeconds(tS);
}

function dataOf({ lines }: Lane): uPlot.AlignedData {
  return uPlot.join(lines.map(({ series }) => [series.points.map(([t]) => t), series.points.map(([, value]) => value)]));
}

/** Lines of one lane may have been sampled at different times. */
function nearest(values: ArrayLike<number | null | undefined>, at: number): number | null {
  for (let d = 0; d < 12; d++) {
    const value = values[at - d] ?? values[at + d];
    if (value != null) return value;
  }
  return null;
}
