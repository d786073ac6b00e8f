import { describe, expect, it } from 'vitest';
import type { ToolRun } from '../score-book.js';
import { scored } from '../testing.js';
import { clinicOutcome } from './clinic.js';
import { type CpuProfile, topFunction } from './cpu-profile.js';
import { toolScores } from './tool-scores.js';

describe('clinicOutcome', () => {
  it.each([
    ['event-loop', ['runtime/event-loop-blocked'], 'right'],
    ['io', ['network/slow-downstream'], 'right'],
    ['io', ['threads/pool-starvation'], 'right'],
    ['gc', ['memory/heap-leak'], 'right'],
    ['event-loop', ['threads/oversubscription'], 'wrong'],
    ['io', ['cpu/quota-throttled'], 'wrong'],
    ['none', ['memory/heap-leak'], 'silent'],
    ['unknown', ['memory/heap-leak'], 'silent'],
    ['data', [], 'silent'],
    ['none', [], 'silent'],
    ['io', [], 'false-alarm'],
    ['gc', ['network/slow-downstream', 'memory/heap-leak'], 'right'],
  ] as const)('%s of %j is %s', (category, truth, outcome) => {
    expect(clinicOutcome(category, truth)).toBe(outcome);
  });
});

describe('topFunction', () => {
  const frame = (id: number, functionName: string, lineNumber = 0) => ({
    id,
    callFrame: { functionName, url: functionName.startsWith('(') ? '' : 'file:///a.js', lineNumber },
  });
  const profile = (samples: number[], timeDeltas: number[]): CpuProfile => ({
    nodes: [
      frame(1, '(root)'),
      frame(2, '(idle)'),
      frame(3, 'work', 4),
      frame(4, 'work', 4),
      frame(5, 'other', 9),
      frame(6, '(garbage collector)'),
    ],
    samples,
    timeDeltas,
  });

  it('adds up self time of a function over all its callers and leaves idleness out', () => {
    expect(topFunction(profile([2, 3, 4, 5, 1], [900, 30, 30, 40, 500]))).toEqual({ name: 'work', url: 'file:///a.js', share: 0.6 });
  });

  it('counts what Node does for a function as that function, as a flame graph would show it', () => {
    const native = { id: 7, callFrame: { functionName: 'scryptSync', url: 'node:internal/crypto/scrypt', lineNumber: 80 } };
    const nested = profile([7, 5], [70, 30]);
    nested.nodes = nested.nodes.map((node) => (node.id === 3 ? { ...node, children: [7] } : node)).concat(native);
    expect(topFunction(nested)).toMatchObject({ name: 'work', share: 0.7 });
  });

  it('may be the collector', () => {
    expect(topFunction(profile([6, 3], [70, 30]))).toMatchObject({ name: '(garbage collector)', share: 0.7 });
  });

  it('is nothing of a process that only waited', () => {
    expect(topFunction(profile([2, 2], [500, 500])).share).toBe(0);
  });
});

it('toolScores: a row per family, failures apart, the zoo in one', () => {
  const run = (change: Partial<ToolRun>): ToolRun => ({ ...scored(), tool: 't', outcome: 'right', said: '', ...change });
  const healed = { sick: false, truth: [], outcome: 'silent' } satisfies Partial<ToolRun>;
  const rows = toolScores([
    run({}),
    run({ outcome: 'wrong' }),
    run({ outcome: 'failed' }),
    run(healed),
    run({ ...healed, scenario: 'healthy/bursts', outcome: 'false-alarm' }),
    run({ ...healed, scenario: 'healthy/cold-start' }),
  ]);
  expect(rows).toEqual([
    { scenario: 'healthy', sickRuns: 0, right: 0, wrong: 0, silent: 0, healthyRuns: 2, falseAlarms: 1, failed: 0 },
    { scenario: 'memory/heap-leak', sickRuns: 2, right: 1, wrong: 1, silent: 0, healthyRuns: 1, falseAlarms: 0, failed: 1 },
  ]);
});
