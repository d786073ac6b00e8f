import { describe, expect, it } from 'vitest';
import { ledgers } from '../../../src/facts/ledgers.js';
import { booked, factsOf, given, tenSeconds } from '../../../src/facts/testing.js';
import { type Throttling, throttling } from '../../../src/facts/throttling.js';
import { window } from '../../../src/facts/window.js';
import { rule } from './rule.js';

const stopped: Throttling = { periods: 100, throttledPeriods: 62, throttledMs: 4100, share: 0.62, quotaCores: 0.2 };
const judge = (value: Throttling, throttledMs: number) =>
  rule.judge(
    factsOf(
      given(window, tenSeconds()),
      given(throttling, value),
      given(
        ledgers,
        booked({
          'GET /': [
            ['cpu/throttled', throttledMs],
            ['js/own', 40],
          ],
        }),
      ),
    ),
  );

describe('cpu/quota-throttled', () => {
  it('is present where the quota stops requests', () => {
    expect(judge(stopped, 90)).toMatchObject({ is: 'present', findings: [{ route: 'GET /' }] });
  });
  it('is absent without a quota', () => {
    const none = { periods: 0, throttledPeriods: 0, throttledMs: 0, share: 0, quotaCores: null };
    expect(judge(none, 0)).toMatchObject({ is: 'absent', because: { value: 0 } });
  });
  it('is absent where a burst crossed the quota now and then', () => {
    expect(judge({ ...stopped, throttledPeriods: 4, share: 0.04 }, 30).is).toBe('absent');
  });
  it('is absent where throttling fell outside of requests', () => {
    expect(judge(stopped, 2).is).toBe('absent');
  });
});
