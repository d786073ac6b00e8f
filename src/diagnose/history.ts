import type { Report, Series } from '../model/report.js';
import { STEP_S } from './series.js';

interface Line {
  unit: string;
  /** Seconds since the recording began. */
  points: [tS: number, value: number][];
}

/** What comes and goes (a lane of a quantity that is not measured any more) is let go of with its last point. */
const MOST_LINES = 100;

/**
 * Charts over several windows: takes the report of each and gives the series of all of the last `keepS` seconds, with times from the start of
 * the newest window, so that what was before it lies below zero. Windows may overlap.
 */
export function createHistory(keepS: number): (latest: Report) => Report['series'] {
  const lines = new Map<string, Line>();
  return ({ series, window }) => {
    const startS = window.startUs / 1e6;
    const endS = startS + window.durationS;
    for (const [name, { unit, points }] of Object.entries(series)) {
      const line = lines.get(name) ?? { unit, points: [] };
      if (!lines.has(name) && lines.size >= MOST_LINES) continue;
      lines.set(name, line);
      const lastS = line.points.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY;
      for (const [tS, value] of points) {
        const atS = startS + tS;
        // The last step of a window may not be over; it comes with the next one.
        if (atS > lastS + STEP_S / 2 && atS + STEP_S / 2 <= endS) line.points.push([atS, value]);
      }
    }
    const shown: Record<string, Series> = {};
    for (const [name, line] of lines) {
      const from = line.points.findIndex(([tS]) => tS >= endS - keepS);
      line.points.splice(0, from < 0 ? line.points.length : from);
      if (line.points.length === 0) lines.delete(name);
      else shown[name] = { unit: line.unit, points: line.points.map(([tS, value]) => [Math.round((tS - startS) * 1e3) / 1e3, value]) };
    }
    return shown;
  };
}
