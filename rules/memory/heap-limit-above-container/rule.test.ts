import { describe, expect, it } from 'vitest';
import { type HeapBound, heapBound } from '../../../src/facts/heap-bound.js';
import { factsOf, given } from '../../../src/facts/testing.js';
import { rule } from './rule.js';

const MB = 1e6;
const above: HeapBound = {
  heapLimitBytes: 2196 * MB,
  memoryBytes: 512 * MB,
  isContainer: true,
  heapUsedBytes: 80 * MB,
  rssBytes: 150 * MB,
};
const judge = (change: Partial<HeapBound> = {}) => rule.judge(factsOf(given(heapBound, { ...above, ...change })));

describe('memory/heap-limit-above-container', () => {
  it('is a risk, with both numbers and a limit that fits', () => {
    const verdict = judge();
    expect(verdict).toMatchObject({ findings: [{ kind: 'container', symptom: 'risk', explainedShare: 0.2 }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.summary).toContain('429 % of the 512.0 MB that its container may use');
    expect(verdict.is === 'present' && verdict.findings[0]!.fixes[0]!.code).toBe('node --max-old-space-size=352 server.js');
  });

  it('is one as well where a machine has less than was promised', () => {
    expect(judge({ isContainer: false })).toMatchObject({ findings: [{ kind: 'machine', fixes: [{}] }] });
  });

  it.each([512, 300])('is absent for a heap of %i MB, with the share', (limitMb) => {
    expect(judge({ heapLimitBytes: limitMb * MB })).toMatchObject({ is: 'absent', because: { value: limitMb / 512, threshold: 1 } });
  });
});
