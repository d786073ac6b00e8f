import type { Report } from '../model/report.js';
import { finite } from './json.js';
import { showableCode } from './text.js';

/**
 * A copy of a report in which every number is finite and every text can be shown: no character that a terminal or an eye obeys, nothing
 * longer than is worth reading. What follows from a recording is written by whoever was recorded.
 */
export function cleanReport(report: Report): Report {
  return showableDeep(finite(report)) as Report;
}

/** Every text without characters that mislead the eye; see `showable`. Line feeds stay. */
export function showableDeep(value: unknown): unknown {
  if (typeof value === 'string') return value.split('\n').map(showableCode).join('\n');
  if (Array.isArray(value)) return value.map(showableDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [showableCode(key), showableDeep(item)]));
}
