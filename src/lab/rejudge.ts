import type { Report } from '../model/report.js';
import { judgeReport } from './judge.js';
import { judgeKey, type ScoreBook, type ScoredRun, type SourceHashes } from './score-book.js';
import type { Shelf, Shelved } from './shelf.js';

/**
 * Lets the rules of today judge what was recorded when they were others: of every run whose judge is not today's and whose recording is
 * still there. A rule that finds nothing to look at in such a recording, because ddx did not record it then, is not credited with silence.
 * Returns how many runs were judged again.
 */
export function judgeAgain(book: ScoreBook, now: SourceHashes, shelf: Shelf, reportOf: (recording: string) => Report): number {
  const judge = judgeKey(now);
  let again = 0;
  book.runs = book.runs.map((run) => {
    if (run.judge === judge || run.outcome === 'failed' || now.families[run.scenario] !== run.family) return run;
    const shelved = shelf.find(run);
    if (!shelved) return run;
    again++;
    return { ...run, ...judged(shelved, reportOf), judge, recorded: run.recorded ?? book.judges[run.judge]?.commit ?? '' };
  });
  if (again > 0) {
    // The last judge of the book is the one whose figures are shown.
    const { [judge]: _, ...before } = book.judges;
    book.judges = { ...before, [judge]: { commit: now.commit, rules: now.rules } };
  }
  return again;
}

function judged({ file, truth }: Shelved, reportOf: (recording: string) => Report): Partial<ScoredRun> {
  const report = reportOf(file);
  const { outcome, found, rightLine, blamed, nursery } = judgeReport(report, truth);
  return { outcome, found, rightLine, blamed, nursery, blind: report.notExamined.map(({ rule }) => rule) };
}
