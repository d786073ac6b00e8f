import { describe, expect, it } from 'vitest';
import { type AcceptQueue, acceptQueue } from '../../../src/facts/accept-queue.js';
import { factsOf, given } from '../../../src/facts/testing.js';
import { rule } from './rule.js';

const full: AcceptQueue = {
  backlog: 8,
  dropped: 600,
  opened: 300,
  droppedShare: 2 / 3,
  location: { file: 'server.js', line: 30, function: '', source: 'app' },
};
const judge = (change: Partial<AcceptQueue> = {}) => rule.judge(factsOf(given(acceptQueue, { ...full, ...change })));

describe('network/accept-queue-overflow', () => {
  it('names the backlog that is too small, and its line', () => {
    const verdict = judge();
    expect(verdict).toMatchObject({ findings: [{ kind: 'backlog', explainedShare: 2 / 3, location: { line: 30 } }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.summary).toContain('67 % of the attempts to connect are dropped, because 8');
  });
  it('does not blame the backlog where it is the usual one', () => {
    expect(judge({ backlog: 511 })).toMatchObject({
      findings: [{ kind: 'burst', fixes: [{ code: expect.stringContaining('keepAlive') }, {}] }],
    });
  });
  it.each<[string, Partial<AcceptQueue>]>([
    ['a handful', { dropped: 19 }],
    ['one attempt in eleven', { droppedShare: 0.09 }],
    ['none', { dropped: 0, droppedShare: 0 }],
  ])('is absent for %s, with the share', (_, change) => {
    expect(judge(change)).toMatchObject({ is: 'absent', because: { threshold: 0.1 } });
  });
});
