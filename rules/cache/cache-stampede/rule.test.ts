import { describe, expect, it } from 'vitest';
import { type Stampede, stampedes } from '../../../src/facts/stampedes.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/cache.js', line: 8, function: 'cached', source: 'app' as const };
const stampede: Stampede = {
  route: 'GET /figures',
  server: 'http://figures',
  question: 'GET /figures/:id',
  exact: true,
  calls: 60,
  extra: 51,
  rushes: 9,
  perRush: 7,
  mostInRush: 9,
  lift: 70,
  joiningShare: 1,
  answeredShare: 0.9,
  callMs: 250,
  quickMs: 60,
  shareOfRequest: 0.95,
  slowestShare: 1,
  location,
};
const judge = (...changes: Partial<Stampede>[]) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(
        stampedes,
        changes.map((change) => ({ ...stampede, ...change })),
      ),
    ),
  );

describe('cache/cache-stampede', () => {
  it('names the cache, how many ask for the same, and what that does to an answer', () => {
    const verdict = judge({});
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location, route: 'GET /figures', symptom: 'latency' }] });
    expect(JSON.stringify(verdict)).toContain('250 ms instead of 60 ms');
  });

  it('finds one illness where filling an entry takes several questions', () => {
    const verdict = judge({}, { question: 'GET /names', callMs: 40 });
    expect(verdict).toMatchObject({ is: 'present', findings: [{ summary: expect.stringContaining('GET /figures/:id') }] });
    expect(verdict.is === 'present' && verdict.findings).toHaveLength(1);
  });

  it.each<[string, Partial<Stampede>]>([
    ['one rush, as of a cold start', { rushes: 1 }],
    ['answers that most share', { extra: 25 }],
    ['what is asked as often at any time', { lift: 1.2 }],
    ['a route without a cache', { answeredShare: 0.05 }],
    ['answers that nobody feels', { callMs: 8 }],
    ['requests that spend their time otherwise', { shareOfRequest: 0.2 }],
    ['a route whose slow requests are others', { slowestShare: 0.2 }],
  ])('is absent for %s', (_, change) => {
    expect(judge(change).is).toBe('absent');
  });

  it('takes calls of one line for the same where everybody asks, and leaves it open where some need not', () => {
    expect(judge({ exact: false, joiningShare: 0.97 }).is).toBe('present');
    expect(judge({ exact: false, joiningShare: 0.5 }).is).toBe('inconclusive');
  });

  it('says with a number that nobody asks', () => {
    expect(judge()).toMatchObject({ is: 'absent', because: { value: 0 } });
  });
});
