import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Campaign, remaining } from './campaign.js';
import type { Scenario } from './scenario.js';
import { emptyBook, readBook, type ScoreBook, type ScoredRun, type SourceHashes, withoutOld, writeBook } from './score-book.js';
import { scored } from './testing.js';

const family = (id: Scenario['id'], rule: Scenario['rule']): Scenario => ({
  id,
  rule,
  title: '',
  needs: [],
  causes: [],
  build: () => {
    throw new Error('not built here');
  },
});
const LEAK = family('memory/heap-leak', 'memory/heap-leak');
const BURSTS = family('healthy/bursts', null);
const now: SourceHashes = {
  commit: 'c2',
  rules: { 'memory/heap-leak': 'r2', 'memory/gc-pressure': 'g1' },
  families: { 'memory/heap-leak': 'f1', 'healthy/bursts': 'b1' },
};
const node = { path: '/usr/bin/node', version: 'v20.20.2' };
const campaign: Campaign = { scenarios: [LEAK, BURSTS], firstSeed: 0, repeat: 2, same: false, only: null, nodes: [node] };

/** The leak's rule was another one in sitting j1; in j2 all is as it is now. */
const bookOf = (...runs: ScoredRun[]): ScoreBook => ({
  ...emptyBook(),
  judges: { j1: { commit: 'c1', rules: { ...now.rules, 'memory/heap-leak': 'r1' } }, j2: { commit: 'c2', rules: now.rules } },
  runs,
});
const bursts = (change: Partial<ScoredRun>) =>
  scored({ scenario: 'healthy/bursts', family: 'b1', sick: false, truth: [], found: [], outcome: 'silent', rightLine: null, ...change });
const names = (book: ScoreBook, change: Partial<Campaign> = {}) =>
  remaining({ ...campaign, ...change }, book, now).map(
    ({ scenario, seed, attempt, sick }) => `${scenario.id} ${seed}.${attempt} ${sick ? 'sick' : 'well'}`,
  );

describe('remaining', () => {
  it('is everything at first, seed by seed; the zoo is never sick', () => {
    expect(names(emptyBook())).toEqual([
      'memory/heap-leak 0.0 sick',
      'memory/heap-leak 0.0 well',
      'healthy/bursts 0.0 well',
      'memory/heap-leak 1.0 sick',
      'memory/heap-leak 1.0 well',
      'healthy/bursts 1.0 well',
    ]);
  });

  it('goes on where an earlier sitting stopped', () => {
    const book = bookOf(scored({ judge: 'j2' }), bursts({ judge: 'j2' }), scored({ judge: 'j2', seed: 1, node: 'v22.1.0' }));
    expect(names(book)).toEqual([
      'memory/heap-leak 0.0 well',
      'memory/heap-leak 1.0 sick',
      'memory/heap-leak 1.0 well',
      'healthy/bursts 1.0 well',
    ]);
  });

  it('runs again what an older rule judged, or what an older family was', () => {
    expect(names(bookOf(scored({ judge: 'j1' })), { repeat: 1, only: 'sick' })).toEqual(['memory/heap-leak 0.0 sick']);
    expect(names(bookOf(scored({ judge: 'j2', family: 'f0' })), { repeat: 1, only: 'sick' })).toEqual(['memory/heap-leak 0.0 sick']);
    expect(names(bookOf(scored({ judge: 'j2' })), { repeat: 1, only: 'sick' })).toEqual([]);
  });

  it('runs again what was inconclusive, after all that is new, three times at most', () => {
    const unsure = scored({ judge: 'j2', outcome: 'inconclusive', found: [], rightLine: null });
    const change: Partial<Campaign> = { scenarios: [LEAK], only: 'sick' };
    expect(names(bookOf(unsure), change)).toEqual(['memory/heap-leak 1.0 sick', 'memory/heap-leak 0.0 sick']);
    expect(names(bookOf({ ...unsure, tries: 3 }), change)).toEqual(['memory/heap-leak 1.0 sick']);
    expect(names(bookOf(scored({ judge: 'j2', outcome: 'wrong', found: [] })), change)).toEqual(['memory/heap-leak 1.0 sick']);
  });

  it('runs one member again and again for A/A', () => {
    const change: Partial<Campaign> = { scenarios: [BURSTS], same: true, repeat: 3, firstSeed: 7 };
    expect(names(bookOf(bursts({ judge: 'j2', seed: 7, attempt: 1 })), change)).toEqual([
      'healthy/bursts 7.0 well',
      'healthy/bursts 7.2 well',
    ]);
  });
});

describe('withoutOld', () => {
  it('drops runs of an older family, and keeps those that still speak of some rule', () => {
    const kept = withoutOld(
      bookOf(scored({ judge: 'j1', seed: 1 }), scored({ judge: 'j2', family: 'f0', seed: 2 }), scored({ judge: 'j2', seed: 3 })),
      now,
    );
    expect(kept.runs.map(({ seed }) => seed)).toEqual([1, 3]);
    const none = withoutOld(bookOf(scored({ judge: 'j1' })), { ...now, rules: { 'memory/heap-leak': 'r2' } });
    expect(none.runs).toEqual([]);
    expect(none.judges).toEqual({});
  });
});

describe('the file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ddx-scores-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('gives back what was written, and an empty book where there is none', () => {
    const file = join(dir, 'scores.json');
    expect(readBook(file)).toEqual(emptyBook());
    const book = { ...bookOf(scored(), bursts({ judge: 'j2' })), machines: ['2 x a'] };
    writeBook(file, book);
    expect(readBook(file)).toEqual(book);
    writeBook(file, emptyBook());
    expect(readBook(file)).toEqual(emptyBook());
  });
});
