import { describe, expect, it } from 'vitest';
import { type Blocks, blocks } from '../../../src/facts/blocks.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { type Sampling, sampling } from '../../../src/facts/sampling.js';
import { type Starvation, starvation } from '../../../src/facts/starvation.js';
import { booked, factsOf, given } from '../../../src/facts/testing.js';
import { rule } from './rule.js';

const label = 'add (src/batches.js:4)';
const location = { file: 'src/batches.js', line: 11, function: 'step', source: 'app' as const };
const chain: Starvation = {
  location,
  count: 20,
  totalMs: 2400,
  medianMs: 120,
  medianCalls: 1800,
  perCallUs: 66,
  labels: [label],
  unnamed: false,
  routes: ['GET /sum'],
};
const starved = booked({
  'GET /sum': [['js/own', 120, label]],
  'GET /health': [
    ['js/other', 60, `GET /sum in ${label}`],
    ['js/own', 1],
  ],
});
const seen: Blocks = { groups: [], longestCpuMs: 120, longestWallMs: 120, observedUs: 10e6, busyShare: 0.3 };
const judge = (chains: Starvation[], ledger = starved) =>
  rule.judge(factsOf(given(blocks, seen), given(starvation, chains), given(ledgers, ledger)));

describe('runtime/microtask-starvation', () => {
  it('names the function that begins the next one, the line where it does, and who waits', () => {
    const verdict = judge([chain]);
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location, route: 'GET /sum', suffers: ['GET /health'] }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.summary).toContain('1800 of them in a row, 66 us each');
  });

  it.each<[string, Starvation[]]>([
    ['happened twice', [{ ...chain, count: 2 }]],
    ['took less than a hundredth of the time', [{ ...chain, totalMs: 90 }]],
    ['nobody begins', [{ ...chain, location: null }]],
    ['did not happen', []],
  ])('accuses no chain that %s', (_, chains) => expect(judge(chains).is).toBe('absent'));

  it('knows the own time of its requests where no function of it stands out, but no more than a chain is long', () => {
    const nameless = booked({ 'GET /sum': [['js/own', 300]] });
    expect(judge([chain], nameless).is).toBe('absent');
    expect(judge([{ ...chain, unnamed: true }], nameless)).toMatchObject({ is: 'present', findings: [{ explainedShare: 0.4 }] });
  });

  it('cannot tell where hardly any request was booked', () => {
    const few: Sampling = { dutyShare: 0.1, windows: 2, bookedRequests: 3, requests: 115, errorShare: 1 };
    const facts = factsOf(given(blocks, seen), given(starvation, [chain]), given(ledgers, booked({})), given(sampling, few));
    expect(rule.judge(facts).is).toBe('inconclusive');
  });

  it('accuses no chain for which no request waits', () => {
    const other = booked({
      'GET /health': [
        ['wait/timer', 300],
        ['js/other', 10, `GET /sum in ${label}`],
      ],
    });
    expect(judge([chain], other)).toMatchObject({ is: 'absent', because: { value: 120, unit: 'ms' } });
  });
});
