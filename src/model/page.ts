import type { Report } from './report.js';

/** What the HTML page is given: the report, and texts that another output has already worded. */
export interface PageData {
  report: Report;
  /** For the copy buttons: index = finding in `report.findings`. */
  findingsMarkdown: string[];
}
