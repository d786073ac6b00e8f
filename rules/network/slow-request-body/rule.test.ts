import { describe, expect, it } from 'vitest';
import { type SlowBodies, slowBodies } from '../../../src/facts/slow-bodies.js';
import { factsOf, given } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import { rule } from './rule.js';

const held: SlowBodies = { route: 'POST /photos', bodies: 60, slow: 50, sendMs: 1800, workMs: 6, share: 0.97, held: 9 };
const judge = (bodies: SlowBodies, pressure?: Partial<ThreadPressure>) =>
  rule.judge(
    factsOf(
      given(slowBodies, bodies),
      ...(pressure ? [given(threadPressure, { cores: 2, neighbourCores: 0, mainWaitShare: 0, ...pressure } as ThreadPressure)] : []),
    ),
  );

describe('network/slow-request-body', () => {
  it('says how long bodies are on their way, and how long the work takes', () => {
    const verdict = judge(held);
    expect(verdict).toMatchObject({ findings: [{ route: 'POST /photos', explainedShare: 0.97 }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.summary).toContain('takes 6 ms once it has the request');
  });

  it.each<[string, SlowBodies]>([
    ['a few slow clients', { ...held, slow: 7 }],
    ['requests that take long themselves', { ...held, share: 0.49 }],
  ])('is absent for %s', (_, bodies) => {
    expect(judge(bodies).is).toBe('absent');
  });

  it('is absent where requests have no bodies', () => {
    expect(judge({ ...held, bodies: 0, slow: 0, share: 0 })).toMatchObject({ because: { says: 'no request had to wait for its body' } });
  });

  it('leaves it open where clients of this machine had no core either', () => {
    const crowd = { neighbourCores: 1.5, mainWaitShare: 0.6 };
    expect(judge({ ...held, sendMs: 400 }, crowd).is).toBe('inconclusive');
    expect(judge(held, crowd).is).toBe('present');
  });
});
