import { describe, expect, it } from 'vitest';
import { withLabSection } from '../scripts/accuracy-section.js';
import type { Scores } from '../scripts/scores.js';
import { emptyBook, type ScoreBook, type SourceHashes } from '../src/lab/score-book.js';
import { scorecard } from '../src/lab/scorecard.js';
import { scored } from '../src/lab/testing.js';

const now: SourceHashes = {
  commit: 'c2',
  rules: { 'memory/heap-leak': 'r1' },
  families: { 'memory/heap-leak': 'f1', 'healthy/bursts': 'f1' },
};
const book: ScoreBook = {
  ...emptyBook(),
  machines: ['2 x a processor'],
  judges: { j1: { commit: 'c2', rules: now.rules } },
  runs: [
    scored(),
    scored({ seed: 1, outcome: 'missed', found: [], rightLine: null }),
    scored({ scenario: 'healthy/bursts', sick: false, truth: [], found: [], outcome: 'silent', rightLine: null }),
  ],
  tools: [{ ...scored(), tool: 'clinic', outcome: 'wrong', said: 'io' }],
};
const scores: Scores = { book, card: scorecard(book, now, ['memory/heap-leak']) };

describe("the lab's section of docs/accuracy.md", () => {
  it('begins a page where there is none, and stays the same when written again', () => {
    const page = withLabSection(null, scores);
    expect(page).toMatch(/^# Accuracy\n/);
    expect(withLabSection(page, scores)).toBe(page);
  });

  it('leaves what others wrote before and behind it', () => {
    const page = withLabSection('# Accuracy\n\nbefore\n', null).concat('\nbehind\n');
    const filled = withLabSection(page, scores);
    expect(filled.startsWith('# Accuracy\n\nbefore\n')).toBe(true);
    expect(filled.endsWith('\nbehind\n')).toBe(true);
    expect(filled).not.toContain('Nothing has been scored yet');
  });

  it('tells what was found, what was missed, and what the other tool said', () => {
    const page = withLabSection(null, scores);
    expect(page).toContain('| memory/heap-leak | 1 | 1 |  |');
    expect(page).toContain('| healthy |  | 1 |  |');
    expect(page).toContain('| koa | 1/2 | 0.09 to 0.91 | 0/0 | 0/1 |');
    expect(page).toContain('| memory/heap-leak | 1/2 right, 1 wrong or silent, 0/0 false alarms | 0/1 right, 1 wrong, 0 silent |');
  });
});
