import type { Recording } from '../model/recording.js';

/**
 * When the owner ledger of one process was kept: stretches in order, not overlapping. Where its cost would be felt, the probe keeps it
 * in windows only. Outside of them there are no turns, and that means nothing.
 */
export interface Coverage {
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
}

/** Kept from begin to end, also by recordings that are older than the stream. */
const ALWAYS: Coverage = { startUs: Float64Array.of(Number.NEGATIVE_INFINITY), endUs: Float64Array.of(Number.POSITIVE_INFINITY) };

export function buildCoverage(recording: Recording, proc: number): Coverage {
  const { coverage } = recording.streams;
  const rows: number[] = [];
  for (let row = 0; row < coverage.rows; row++) if (coverage.proc[row] === proc) rows.push(row);
  if (rows.length === 0) return ALWAYS;
  rows.sort((a, b) => coverage.startUs[a]! - coverage.startUs[b]!);
  // Told piece by piece while it went on: a piece that begins where another ended continues it.
  const startUs: number[] = [];
  const endUs: number[] = [];
  for (const row of rows) {
    const last = endUs.length - 1;
    if (last >= 0 && coverage.startUs[row]! <= endUs[last]! + TOUCHING_US) endUs[last] = Math.max(endUs[last]!, coverage.endUs[row]!);
    else {
      startUs.push(coverage.startUs[row]!);
      endUs.push(coverage.endUs[row]!);
    }
  }
  return { startUs: Float64Array.from(startUs), endUs: Float64Array.from(endUs) };
}

/** Times are rounded to whole microseconds. */
const TOUCHING_US = 1;

/** Whether all of [from, to] lies in one stretch. */
export function covers({ startUs, endUs }: Coverage, fromUs: number, toUs: number): boolean {
  let low = 0;
  let high = startUs.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (startUs[mid]! <= fromUs) low = mid + 1;
    else high = mid;
  }
  return low > 0 && endUs[low - 1]! >= toUs;
}

/** Microseconds of [from, to] in which the ledger was kept. */
export function coveredWithin({ startUs, endUs }: Coverage, fromUs: number, toUs: number): number {
  let sum = 0;
  for (let i = 0; i < startUs.length; i++) sum += Math.max(0, Math.min(toUs, endUs[i]!) - Math.max(fromUs, startUs[i]!));
  return sum;
}
