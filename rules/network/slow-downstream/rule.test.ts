import { describe, expect, it } from 'vitest';
import { type Downstream, downstreams } from '../../../src/facts/downstream.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { booked, factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const location = { file: 'src/tax.js', line: 14, function: 'taxFor', source: 'app' as const };
const dest = 'http://tax:8080';
const tax: Downstream = { dest, calls: 300, failed: 0, perRequest: 1, p50Ms: 480, p90Ms: 520, p99Ms: 560, location };
const judge = (called: Downstream[], ledger: ReturnType<typeof booked>) =>
  rule.judge(factsOf(given(window, tenSeconds()), given(downstreams, called), given(ledgers, ledger)));

describe('network/slow-downstream', () => {
  it('names destination and call site', () => {
    const verdict = judge(
      [tax],
      booked({
        'POST /checkout': [
          ['http/response', 480, dest],
          ['js/own', 4],
        ],
      }),
    );
    expect(verdict).toMatchObject({ is: 'present', findings: [{ location, route: 'POST /checkout' }] });
  });
  it('is absent, with its figures, where answers are quick', () => {
    const quick = { ...tax, p50Ms: 8, p90Ms: 15, p99Ms: 30 };
    expect(judge([quick], booked({ 'POST /checkout': [['http/response', 8, dest]] }))).toMatchObject({
      is: 'absent',
      because: { value: 15 },
    });
  });
  it('is absent where the call only looks slow because our own thread was busy', () => {
    const verdict = judge(
      [tax],
      booked({
        'POST /checkout': [
          ['http/response', 20, dest],
          ['js/other', 460, 'GET /report'],
        ],
      }),
    );
    expect(verdict.is).toBe('absent');
  });
  it('names quick calls that a request makes one after another, and says to ask at once', () => {
    const chained = { ...tax, perRequest: 8, p50Ms: 55, p90Ms: 60, p99Ms: 70 };
    const verdict = judge([chained], booked({ 'GET /basket': [['http/response', 440, dest]] }));
    expect(verdict).toMatchObject({
      is: 'present',
      findings: [{ location, fixes: [{ says: expect.stringContaining('at once') }, {}, {}] }],
    });
  });
  it('is absent where as many quick calls are made at the same time', () => {
    const parallel = { ...tax, perRequest: 8, p50Ms: 55, p90Ms: 60, p99Ms: 70 };
    expect(judge([parallel], booked({ 'GET /basket': [['http/response', 62, dest]] })).is).toBe('absent');
  });
  it('is absent where nothing is called', () => {
    expect(judge([], booked({ 'GET /': [['js/own', 2]] })).is).toBe('absent');
  });
});
