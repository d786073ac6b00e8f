import { describe, expect, it } from 'vitest';
import { ledgers } from '../../../src/facts/ledgers.js';
import { type OpenedConnections, openedConnections } from '../../../src/facts/opened-connections.js';
import { booked, factsOf, given } from '../../../src/facts/testing.js';
import { rule } from './rule.js';

const dest = 'https://tax:443';
const called: OpenedConnections = {
  dest,
  calls: 300,
  openedShare: 1,
  openedPerS: 12,
  openingP50Ms: 5,
  tlsP50Ms: 4,
  dnsP50Ms: 0.1,
  callP50Ms: 12,
  location: { file: 'src/tax.js', line: 3, function: '', source: 'app' },
};
const judge = (change: Partial<OpenedConnections> = {}, openingMs = 5) =>
  rule.judge(
    factsOf(
      given(openedConnections, [{ ...called, ...change }]),
      given(
        ledgers,
        booked({
          'GET /price': [
            ['net/tls', openingMs, dest],
            ['http/response', 10, dest],
          ],
        }),
      ),
    ),
  );

describe('http/no-keepalive', () => {
  it('names the line, what opening takes and of what it is made', () => {
    expect(judge()).toMatchObject({
      is: 'present',
      findings: [
        { kind: 'tls', symptom: 'latency', location: { line: 3 }, explainedShare: 5 / 15, fixes: [{ change: { account: 'net/tls' } }, {}] },
      ],
    });
    expect(judge({ tlsP50Ms: 0, dnsP50Ms: 4 })).toMatchObject({ findings: [{ kind: 'dns' }] });
    expect(judge({ tlsP50Ms: 0 })).toMatchObject({ findings: [{ kind: 'connect' }] });
  });
  it('is absent where connections are kept for most calls, with the share', () => {
    expect(judge({ openedShare: 0.79 })).toMatchObject({ is: 'absent', because: { value: 0.79, threshold: 0.8 } });
  });
  it('is absent where opening is not felt and ports are in no danger', () => {
    expect(judge({}, 1.5).is).toBe('absent');
    expect(judge({ openedPerS: 46 }, 1.5).is).toBe('absent');
  });
  it('is a risk where ports run out', () => {
    expect(judge({ openedPerS: 48 }, 1.5)).toMatchObject({ findings: [{ symptom: 'risk' }] });
  });
  it('says nothing of a few calls', () => {
    expect(judge({ calls: 29 }).is).toBe('absent');
    expect(rule.judge(factsOf(given(openedConnections, []), given(ledgers, booked({})))).is).toBe('absent');
  });
});
