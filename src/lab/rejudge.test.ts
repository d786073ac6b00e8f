import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { diagnose } from '../diagnose/report.js';
import type { Rule, Verdict } from '../model/rule.js';
import { buildRecording } from '../recording/memory.js';
import { judgeAgain } from './rejudge.js';
import { scoreRules } from './score.js';
import { emptyBook, judgeKey, type SourceHashes } from './score-book.js';
import { openShelf } from './shelf.js';
import { scored } from './testing.js';

const dir = mkdtempSync(join(tmpdir(), 'ddx-shelf-'));
afterAll(() => rmSync(dir, { recursive: true }));

const LEAK = 'memory/heap-leak';
const rows = Array.from({ length: 50 }, (_, i) => [0, i + 1, i * 1e5, i * 1e5 + 2000, 0, 200, 1, 4000, 0, 0]);
const recording = buildRecording({ strings: ['GET /a'], rows: { requests: rows } });
const reportBy = (verdict: Verdict) => () => {
  const rule: Rule = { id: LEAK, title: 'Leak', stage: 'stable', mimics: [], causes: [], needs: [], judge: () => verdict };
  return diagnose(recording, [rule]);
};
const missedThen = scored({ outcome: 'missed', found: [], rightLine: null, judge: 'old' });
const now: SourceHashes = { commit: 'c2', rules: { [LEAK]: 'r2' }, families: { [LEAK]: 'f1' } };
const bookOf = () => ({ ...emptyBook(), judges: { old: { commit: 'c1', rules: { [LEAK]: 'r1' } } }, runs: [missedThen] });
const file = join(dir, 'run.ddx');
writeFileSync(file, 'a recording');
const shelf = openShelf(join(dir, 'shelf'));
const present: Verdict = {
  is: 'present',
  findings: [
    {
      confidence: 0.9,
      symptom: 'memory',
      explainedShare: 0.9,
      summary: 'It grows.',
      location: { file: 'cache.js', line: 7, function: 'keep', source: 'app' },
      evidence: [],
      fixes: [],
    },
  ],
};

it('leaves runs alone of which nothing was kept', () => {
  const book = bookOf();
  expect(judgeAgain(book, now, shelf, reportBy(present))).toBe(0);
  expect(book.runs).toEqual([missedThen]);
});

it('has what was recorded judged by the rules of today, once', () => {
  shelf.put(missedThen, file, { rule: LEAK, lines: [{ file: 'cache.js', line: 7 }] });
  expect(readFileSync(shelf.find(missedThen)!.file, 'utf8')).toBe('a recording');
  const book = bookOf();
  expect(judgeAgain(book, now, shelf, reportBy(present))).toBe(1);
  expect(book.runs[0]).toMatchObject({ outcome: 'right', found: [LEAK], rightLine: true, judge: judgeKey(now), recorded: 'c1' });
  expect(judgeAgain(book, now, shelf, reportBy(present))).toBe(0);
});

it('judges nothing by a family that has changed', () => {
  expect(judgeAgain(bookOf(), { ...now, families: { [LEAK]: 'f2' } }, shelf, reportBy(present))).toBe(0);
});

it('does not call a rule silent that found nothing to look at', () => {
  const healthy = scored({
    scenario: 'healthy/bursts',
    sick: false,
    truth: [],
    found: [],
    outcome: 'silent',
    rightLine: null,
    judge: 'old',
  });
  shelf.put(healthy, file, { rule: null, lines: [] });
  const book = { ...bookOf(), runs: [healthy] };
  judgeAgain(book, { ...now, families: { 'healthy/bursts': 'f1' } }, shelf, reportBy({ is: 'not-examined', because: 'not recorded then' }));
  expect(book.runs[0]).toMatchObject({ blind: [LEAK] });
  expect(scoreRules(book.runs, [LEAK])[0]!.falseAlarms.zoo.runs).toBe(0);
});
