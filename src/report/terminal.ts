import type { Report } from '../model/report.js';
import { findings, nursery } from './terminal/findings.js';
import { ledgerBars } from './terminal/ledger.js';
import { type Paper, paperOf, type TerminalOptions, toAsciiCells } from './terminal/paper.js';
import { footer, notExamined, remarks, ruledOut } from './terminal/rest.js';
import { ending, header, routesTable, verdict } from './terminal/top.js';

export type { TerminalOptions } from './terminal/paper.js';

/**
 * The report for people at a terminal; ends in a line feed. Lines are at most `width` cells (clamped to 60..200).
 * Text from the recording never reaches the terminal as a control sequence.
 */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const paper = paperOf(options);
  const healthy = report.verdict === 'healthy';
  const sections: ((report: Report, paper: Paper) => string[])[] = [header, verdict, ending, routesTable];
  // A healthy server's reader wants to know that, not where a fine millisecond went: findings would be empty anyway.
  sections.push(...(healthy ? [] : [ledgerBars]), findings, nursery, ruledOut, notExamined, remarks);
  const lines = sections.flatMap((section) => spaced(section(report, paper)));
  const text = ['', ...lines, ...footer(report, options.exitCode, options.files ?? [], paper), ''].map((line) => line.trimEnd()).join('\n');
  return options.unicode ? text : toAsciiCells(text);
}

/** One blank line after each section, none for an empty one. */
function spaced(lines: string[]): string[] {
  if (lines.length === 0) return [];
  return lines.at(-1) === '' ? lines : [...lines, ''];
}
