import { describe, expect, it } from 'vitest';
import { type IncomingConnections, incomingConnections } from '../../../src/facts/incoming-connections.js';
import { factsOf, given } from '../../../src/facts/testing.js';
import { rule } from './rule.js';

const churn: IncomingConnections = {
  route: 'GET /price',
  requests: 400,
  openedShare: 0.98,
  unkeptShare: 0,
  openedPerS: 60,
  endedPerS: 60,
  endedBy: 'answers',
  keepAliveMs: 5000,
  maxRequests: 0,
  openingP50Ms: 0.4,
  requestP50Ms: 6,
  location: { file: 'server.js', line: 12, function: '', source: 'app' },
};
const judge = (change: Partial<IncomingConnections> = {}) => rule.judge(factsOf(given(incomingConnections, { ...churn, ...change })));

describe('http/connection-churn', () => {
  it('is a risk where ports run out, and latency where the wait is felt', () => {
    expect(judge()).toMatchObject({ findings: [{ kind: 'answers', symptom: 'risk', location: { line: 12 }, route: 'GET /price' }] });
    expect(judge({ openingP50Ms: 2, endedPerS: 30, openedPerS: 30 })).toMatchObject({
      findings: [{ symptom: 'latency', explainedShare: 2 / 6 }],
    });
  });

  it.each<[string, Partial<IncomingConnections>, string]>([
    ['idle-timeout', { endedBy: 'idle-timeout', keepAliveMs: 65 }, 'closes them after 65 ms'],
    ['max-requests', { endedBy: 'max-requests', maxRequests: 1 }, 'ends each after 1 request '],
  ])('says what the setting is: %s', (kind, change, words) => {
    const verdict = judge(change);
    expect(verdict).toMatchObject({ findings: [{ kind }] });
    expect(verdict.is === 'present' && verdict.findings[0]!.summary).toContain(words);
  });

  it.each<[string, Partial<IncomingConnections>, string]>([
    ['connections that carry more than three requests each', { openedShare: 0.29 }, '29 % of 400'],
    ['a handful of requests', { requests: 20 }, 'of 20 requests'],
    ['clients that ask for the end', { endedPerS: 0, endedBy: null, unkeptShare: 1 }, 'the clients, who say so in 100 %'],
    ['clients that go by themselves', { endedPerS: 20 }, 'it was the clients that did not keep them'],
    ['visitors who come once', { endedBy: 'idle-timeout', keepAliveMs: 5000 }, 'nobody came back to them within 5 s'],
    ['what is not felt and too little to run out of ports', { endedPerS: 46, openedPerS: 46 }, 'not felt'],
  ])('is absent for %s', (_, change, words) => {
    const verdict = judge(change);
    expect(verdict.is).toBe('absent');
    expect(verdict.is === 'absent' && verdict.because.says).toContain(words);
  });
});
