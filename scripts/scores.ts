import { resolve } from 'node:path';
import { readBook, type ScoreBook, type SourceHashes } from '../src/lab/score-book.js';
import { type Scorecard, scorecard } from '../src/lab/scorecard.js';
import type { RuleId } from '../src/model/units.js';

export interface Scores {
  card: Scorecard;
  book: ScoreBook;
}

/**
 * rules/scores.json as it stood after its last sitting; null where nothing has been scored. A rule that was changed since shows the
 * figures of that commit until it is scored again: pages must not change because somebody edits a rule.
 */
export function readScores(root: string, rules: readonly RuleId[]): Scores | null {
  const book = readBook(resolve(root, 'rules/scores.json'));
  const last = Object.values(book.judges).at(-1);
  if (!last || book.runs.length === 0) return null;
  const families = Object.fromEntries(book.runs.map(({ scenario, family }) => [scenario, family]));
  const then: SourceHashes = { commit: last.commit, rules: last.rules, families };
  return { card: scorecard(book, then, rules), book };
}
