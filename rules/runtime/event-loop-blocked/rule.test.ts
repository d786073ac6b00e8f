import { describe, expect, it } from 'vitest';
import { type BlockGroup, type Blocks, blocks } from '../../../src/facts/blocks.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { type Saturation, saturation } from '../../../src/facts/saturation.js';
import { type StuckLoop, stuckLoops } from '../../../src/facts/stuck-loops.js';
import { booked, factsOf, given } from '../../../src/facts/testing.js';
import { rule } from './rule.js';

const label = 'buildReport (src/report.js:12)';
const location = { file: 'src/report.js', line: 12, function: 'buildReport', source: 'app' as const };
const group: BlockGroup = {
  label,
  location,
  callee: null,
  path: ['handler', 'buildReport'],
  count: 20,
  caught: 0,
  totalCpuMs: 4000,
  medianCpuMs: 200,
  maxCpuMs: 240,
  routes: ['GET /report'],
  behind: null,
  work: { kind: 'sync-cpu', name: null },
  everyMs: null,
  collectorMs: 0,
  cleansUp: false,
  answerBytes: 0,
};
const seen = (groups: BlockGroup[], longestCpuMs = 240): Blocks => ({
  groups,
  longestCpuMs,
  longestWallMs: longestCpuMs,
  observedUs: 10e6,
  busyShare: 0.4,
});
const judge = (value: Blocks, ledger: ReturnType<typeof booked>) =>
  rule.judge(factsOf(given(stuckLoops, []), given(blocks, value), given(ledgers, ledger)));
const blockedLedger = booked({
  'GET /report': [
    ['js/own', 200, label],
    ['js/other', 100, `GET /report in ${label}`],
  ],
  'GET /health': [
    ['js/other', 150, `GET /report in ${label}`],
    ['js/own', 1],
  ],
});

describe('runtime/event-loop-blocked', () => {
  it('names the function, its line and the routes that suffer without being the cause', () => {
    const verdict = judge(seen([group]), blockedLedger);
    expect(verdict.is).toBe('present');
    const [found] = verdict.is === 'present' ? verdict.findings : [];
    expect(found!.location).toEqual(location);
    expect(found!.suffers).toEqual(['GET /health']);
    expect(found!.explainedShare).toBeGreaterThan(0.9);
  });

  it('is ruled out with the longest task where none is long', () => {
    const verdict = judge(seen([], 14), booked({ 'GET /': [['js/own', 2]] }));
    expect(verdict).toMatchObject({ is: 'absent', because: { value: 14, unit: 'ms' } });
  });

  it('does not accuse a function that blocks but that no request waits for', () => {
    const verdict = judge(
      seen([group]),
      booked({
        'GET /': [
          ['wait/timer', 300],
          ['js/other', 10, `GET /report in ${label}`],
        ],
      }),
    );
    expect(verdict.is).toBe('absent');
  });

  it('does not accuse long work that yields, so that requests wait for a few milliseconds of it', () => {
    expect(
      judge(
        seen([group]),
        booked({
          'GET /': [
            ['js/other', 5, `no request in ${label}`],
            ['js/own', 2],
          ],
        }),
      ).is,
    ).toBe('absent');
  });

  it('does not accuse one block at start-up', () => {
    expect(judge(seen([{ ...group, count: 1, totalCpuMs: 200 }]), blockedLedger).is).toBe('absent');
  });

  it('accuses one block that took a tenth of the window', () => {
    expect(judge(seen([{ ...group, count: 1, totalCpuMs: 1500 }]), blockedLedger).is).toBe('present');
  });

  it('accuses a timer behind which foreign traffic queued, whose wait nobody could see', () => {
    const behind = { requests: 60, of: 1000, route: 'GET /scores' };
    const unseen = booked({ 'GET /scores': [['js/own', 1]] });
    expect(judge(seen([{ ...group, routes: [], behind }]), unseen)).toMatchObject({ is: 'present', findings: [{ location }] });
    expect(judge(seen([{ ...group, routes: [], behind: { ...behind, requests: 2 } }]), unseen).is).toBe('absent');
  });

  it('accuses the function that fills the thread with short turns, where the typical request queues', () => {
    const queue = { route: 'GET /sign', bucket: 'p50' as const, ms: 300, share: 0.9, measuredMs: 330 };
    const full: Saturation = { computingShare: 0.98, hot: { location, share: 0.8 }, queue };
    const facts = [given(stuckLoops, []), given(blocks, seen([], 8)), given(ledgers, booked({ 'GET /sign': [['js/own', 5]] }))] as const;
    expect(rule.judge(factsOf(...facts, given(saturation, full)))).toMatchObject({ is: 'present', findings: [{ location }] });
    expect(rule.judge(factsOf(...facts, given(saturation, { ...full, queue: null }))).is).toBe('absent');
  });

  it('says so when it was caught in the act', () => {
    const signals = (caught: number) => {
      const verdict = judge(seen([{ ...group, caught }]), blockedLedger);
      return verdict.is === 'present' ? verdict.findings[0]!.evidence.map(({ signal }) => signal) : [];
    };
    expect(signals(3)).toContain('stacks taken');
    expect(signals(0)).not.toContain('stacks taken');
  });

  it('speaks of a timer where no request ran it', () => {
    const timer = { ...group, routes: [] };
    const verdict = judge(seen([timer]), booked({ 'GET /health': [['js/other', 150, `no request in ${label}`]] }));
    expect(verdict.is === 'present' && verdict.findings[0]!.evidence[0]!.says).toContain('timer');
  });

  describe('a loop that does not turn at all', () => {
    const stuck: StuckLoop = { lastedMs: 2800, location, label, path: ['handler', 'buildReport'], urlPath: '/report/7', startingUp: false };
    const judgeStuck = (loop: StuckLoop) => rule.judge(factsOf(given(stuckLoops, [loop])));

    it('is named with its line and the URL path, though nothing else was recorded', () => {
      const verdict = judgeStuck(stuck);
      expect(verdict).toMatchObject({ is: 'present', findings: [{ location, explainedShare: 1 }] });
      expect(verdict.is === 'present' && verdict.findings[0]!.summary).toContain('/report/7');
    });

    it.each([
      ['lasts no longer than a task may', { ...stuck, lastedMs: 1900 }],
      ['is still loading its modules', { ...stuck, startingUp: true }],
    ])('accuses nobody that %s', (_, loop) => {
      expect(() => judgeStuck(loop)).toThrow('no blocks in this test');
    });
  });
});
