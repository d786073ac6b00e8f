import type { Report } from './report.js';

/** What the HTML page is given: the report, and texts that another output has already worded. */
export interface PageData {
  report: Report;
  /** For the copy buttons: index = finding in `report.findings`. */
  findingsMarkdown: string[];
  /** Only while somebody watches: the page asks its server for more of these. */
  live?: LiveState;
}

/** How far a verdict that is made again and again has come. */
export interface LiveState {
  /** So much is judged at a time, so often. */
  windowS: number;
  everyS: number;
  /** Another answer than the one shown, which the last `windows` windows gave; shown when `needed` agree. */
  pending: { verdict: Report['verdict']; summary: string; windows: number; needed: number } | null;
  /** What was said before, oldest first; the last is what is shown now. Empty until the first verdict. */
  said: { epochMs: number; verdict: Report['verdict']; summary: string }[];
  /** Nothing more will come. */
  ended: boolean;
}
