import { describe, expect, it } from 'vitest';
import { type Retries, retries } from '../../../src/facts/retries.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/again.js', line: 6, function: 'withRetries', source: 'app' as const };
const storm: Retries = {
  route: 'GET /offer',
  server: 'http://rates',
  question: 'GET /rates/:id',
  asked: 180,
  calls: 900,
  failed: 800,
  repeated: 110,
  givenUp: 100,
  tries: 8,
  mostTries: 8,
  pauseMs: 0.4,
  pauseGrowth: 1,
  requestShare: 0.6,
  againMs: 110,
  againShare: 0.9,
  endsShare: 1,
  location,
};
const judge = (...changes: Partial<Retries>[]) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(
        retries,
        changes.map((change) => ({ ...storm, ...change })),
      ),
    ),
  );

describe('network/retry-storm', () => {
  it('names the line that tries again, and by how much that multiplies the load', () => {
    const verdict = judge({});
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location, route: 'GET /offer', symptom: 'errors' }] });
    expect(JSON.stringify(verdict)).toContain('5.0 times the load');
    expect(judge({ givenUp: 20 })).toMatchObject({ findings: [{ symptom: 'latency' }] });
  });

  it('blames one line once, whatever it asks for', () => {
    const verdict = judge({}, { route: 'GET /other' });
    expect(verdict.is === 'present' && verdict.findings).toHaveLength(1);
  });

  it.each<[string, Partial<Retries>]>([
    ['a few failures that are asked again', { calls: 200, failed: 20, repeated: 19 }],
    ['one more try', { tries: 2 }],
    ['something that happened now and then', { repeated: 9 }],
    ['tries that wait', { pauseMs: 60 }],
    ['tries that wait longer each time', { pauseGrowth: 2.1 }],
    ['a few requests of many', { requestShare: 0.04 }],
    ['requests that spend their time otherwise', { againShare: 0.2 }],
    ['a loop that goes on after answers', { endsShare: 0.3 }],
  ])('is absent for %s', (_, change) => {
    expect(judge(change).is).toBe('absent');
  });

  it('leaves it open where nothing tells that the same is asked', () => {
    expect(judge({ endsShare: null }).is).toBe('inconclusive');
  });

  it('says with a number that nobody asks', () => {
    expect(judge()).toMatchObject({ is: 'absent', because: { value: 0 } });
  });
});
