import { describe, expect, it } from 'vitest';
import { ledgers } from '../../../src/facts/ledgers.js';
import { type RepeatedCall, repeatedCalls } from '../../../src/facts/repeated-calls.js';
import { booked, factsOf, given } from '../../../src/facts/testing.js';
import { rule } from './rule.js';

const detail = 'select name from users where id = ? at src/users.js:8 on postgres://db:5432/shop';
const call: RepeatedCall = {
  route: 'GET /orders',
  server: 'postgres://db:5432/shop',
  question: 'select name from users where id = ?',
  entries: new Set([`db/execute ${detail}`]),
  requests: 200,
  seriesP10: 14,
  seriesP50: 20,
  seriesP90: 26,
  callP50Ms: 1.4,
  spanP50Ms: 30,
  spanP90Ms: 40,
  spanShare: 0.9,
  callsShare: 0.3,
  location: { file: 'src/orders.js', line: 12, function: 'withNames', source: 'app' },
  lineShare: 0.95,
};
const judge = (change: Partial<RepeatedCall> = {}, executeMs = 26, ownMs = 6) =>
  rule.judge(
    factsOf(
      given(repeatedCalls, [{ ...call, ...change }]),
      given(
        ledgers,
        booked({
          'GET /orders': [
            ['db/execute', executeMs, detail],
            ['js/own', ownMs],
          ],
        }),
      ),
    ),
  );

describe('database/n-plus-one', () => {
  it('names the loop, how often it asks and what one call would save', () => {
    const verdict = judge();
    expect(verdict).toMatchObject({
      is: 'present',
      findings: [{ route: 'GET /orders', location: { file: 'src/orders.js', line: 12 }, explainedShare: 0.9 }],
    });
    expect(verdict.is === 'present' && verdict.findings[0]!.evidence.find(({ signal }) => signal === 'time saved')?.value).toBeCloseTo(
      28.5,
    );
  });
  it('is absent below five in series, with the number', () => {
    expect(judge({ seriesP50: 4 })).toMatchObject({ is: 'absent', because: { value: 4, threshold: 5 } });
    expect(judge({ seriesP50: 5 }).is).toBe('present');
  });
  it('is absent where the calls come from several lines: code that has several things to ask', () => {
    expect(judge({ lineShare: 0.4 }).is).toBe('absent');
    expect(judge({ location: null, lineShare: 0 }).is).toBe('absent');
  });
  it('counts the client´s own work for each call, unless others hold the thread meanwhile', () => {
    const judgeBy = (callsShare: number, othersMs: number) => {
      const value = booked({
        'GET /orders': [
          ['db/execute', 3, detail],
          ['js/own', 17],
          ['js/other', othersMs, 'GET /report'],
        ],
      });
      const routes = new Map([...value.routes].map(([route, list]) => [route, list.map((one) => ({ ...one, bucket: 'p50' as const }))]));
      return rule.judge(factsOf(given(repeatedCalls, [{ ...call, callsShare }]), given(ledgers, { ...value, routes }))).is;
    };
    expect(judgeBy(0.3, 0)).toBe('absent');
    expect(judgeBy(0.6, 0)).toBe('present');
    expect(judgeBy(0.6, 30)).toBe('absent');
  });
  it('is absent where the series is short or a small part of the request', () => {
    expect(judge({ spanP50Ms: 2.9 }).is).toBe('absent');
    expect(judge({ spanShare: 0.3 }).is).toBe('absent');
  });
  it('is absent where computing between the calls takes the time', () => {
    expect(judge({}, 5, 60).is).toBe('absent');
  });
  it('does not count what else the same server is asked', () => {
    expect(judge({ spanP50Ms: 6, spanP90Ms: 8 }, 400).is).toBe('absent');
  });
  it.each([
    'GET /orders by pages',
    'select id from orders order by id limit ? offset ?',
    'select id from orders where id > ? order by id limit ?',
    'FETCH ? FROM c1',
    'shop getMore orders',
    'SCAN',
  ])('leaves what is read step by step alone: %s', (question) => {
    expect(judge({ question }).is).toBe('absent');
  });
  it('but not some rows of each parent', () => {
    expect(judge({ question: 'select text from comments where post_id = ? and created < ? limit ?' }).is).toBe('present');
  });
  it('reports a loop that asks two things as one illness', () => {
    const verdict = rule.judge(
      factsOf(
        given(repeatedCalls, [
          call,
          { ...call, question: 'select price from items where id = ?', location: { ...call.location!, line: 13 } },
        ]),
        given(ledgers, booked({ 'GET /orders': [['db/execute', 26, detail]] })),
      ),
    );
    expect(verdict).toMatchObject({ is: 'present', findings: [{}] });
  });
  it('is absent where nothing is asked', () => {
    expect(rule.judge(factsOf(given(repeatedCalls, []), given(ledgers, booked({})))).is).toBe('absent');
  });
});
