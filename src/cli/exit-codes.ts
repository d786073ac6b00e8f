import type { Report } from '../model/report.js';

/** What `ddx` returns to the shell. Depended on by scripts: never renumber. */
export const EXIT = { healthy: 0, findings: 1, usage: 2, targetFailed: 3, inconclusive: 4, bug: 70, interrupted: 130 } as const;

/** The code of a finished report. An interrupted run says so whatever it found, and so does one whose target crashed. */
export function exitCodeOf(report: Report): number {
  if (report.window.endedBy === 'interrupted') return EXIT.interrupted;
  const { exit } = report.target;
  if (exit && exit.code !== 0) return EXIT.targetFailed;
  if (report.verdict === 'sick') return EXIT.findings;
  return report.verdict === 'healthy' ? EXIT.healthy : EXIT.inconclusive;
}
