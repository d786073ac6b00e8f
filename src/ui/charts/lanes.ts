import type { Report, Series } from '../../model/report.js';
import { wordValue } from '../../model/wording.js';

/** Lines that share a chart and a unit. */
export interface Lane {
  title: string;
  unit: string;
  lines: { name: string; series: Series }[];
}

/** Group names as recorded, and how they are called in front of people. */
const TITLES: Record<string, string> = { loop: 'event loop', pool: 'libuv pool', cpu: 'CPU', gc: 'garbage collection' };

/** Lanes in the order a reader asks: how slow, how much, then who could be to blame. Unknown ones follow in the order given. */
const ORDER = [/^latency/, /^requests|^traffic/, /loop/, /heap|memory/, /gc|garbage/, /run.?queue|cpu/, /pool/];

export function lanesOf(series: Report['series']): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const [key, value] of Object.entries(series)) {
    if (value.points.length === 0) continue;
    const cut = key.indexOf('/');
    const group = cut < 0 ? key : key.slice(0, cut);
    const title = TITLES[group] ?? group;
    // Lines of different units can't share an axis, whatever they are called.
    const id = `${title}\n${value.unit}`;
    const lane = lanes.get(id) ?? { title, unit: value.unit, lines: [] };
    lane.lines.push({ name: cut < 0 ? '' : key.slice(cut + 1).replaceAll('-', ' '), series: value });
    lanes.set(id, lane);
  }
  const rank = ({ title }: Lane): number => {
    const at = ORDER.findIndex((pattern) => pattern.test(title.toLowerCase()));
    return at < 0 ? ORDER.length : at;
  };
  return [...lanes.values()].sort((a, b) => rank(a) - rank(b));
}

export interface LineSummary {
  min: string;
  median: string;
  max: string;
}

export function summaryOf({ points, unit }: Series): LineSummary {
  const values = points.map(([, value]) => value).sort((a, b) => a - b);
  return {
    min: wordValue(values[0]!, unit),
    median: wordValue(values[Math.floor(values.length / 2)]!, unit),
    max: wordValue(values.at(-1)!, unit),
  };
}
