import { describe, expect, it } from 'vitest';
import { type SlowReaders, slowReaders } from '../../../src/facts/slow-readers.js';
import { factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const held: SlowReaders = {
  route: 'GET /export',
  answers: 40,
  slow: 36,
  readyMs: 6,
  readMs: 2400,
  bytes: 3e6,
  share: 0.98,
  heldBytes: 20e6,
};
const judge = (readers: SlowReaders, pressure?: Partial<ThreadPressure>) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(slowReaders, readers),
      ...(pressure ? [given(threadPressure, { cores: 2, neighbourCores: 0, mainWaitShare: 0, ...pressure } as ThreadPressure)] : []),
    ),
  );

describe('network/slow-readers', () => {
  it('says when answers are ready and how long they are read', () => {
    const verdict = judge(held);
    expect(verdict).toMatchObject({ findings: [{ route: 'GET /export', explainedShare: 0.98 }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.summary).toContain('ready after 6 ms, and its clients take 2400 ms');
  });

  it.each<[string, SlowReaders]>([
    ['one slow client', { ...held, slow: 2 }],
    ['answers that took long to make', { ...held, share: 0.3 }],
  ])('is absent for %s', (_, readers) => {
    expect(judge(readers).is).toBe('absent');
  });

  it('leaves it open where clients of this machine had no core either', () => {
    const crowd = { neighbourCores: 1.5, mainWaitShare: 0.6 };
    expect(judge({ ...held, readMs: 400 }, crowd).is).toBe('inconclusive');
    expect(judge(held, crowd).is).toBe('present');
  });
});
