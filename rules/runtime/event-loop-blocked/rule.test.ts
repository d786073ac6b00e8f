import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type BlockGroup, type Blocks, blocks } from '../../../src/facts/blocks.js';
import { ledgers } from '../../../src/facts/ledgers.js';
import { type Saturation, saturation } from '../../../src/facts/saturation.js';
import { type StuckLoop, stuckLoops } from '../../../src/facts/stuck-loops.js';
import { booked, factsOf, given } from '../../../src/facts/testing.js';
import { type ThreadPressure, threadPressure } from '../../../src/facts/threads.js';
import type { Work } from '../../../src/ledger/work-kind.js';
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

  describe('what the block is', () => {
    const found = (other: Partial<BlockGroup>) => {
      const verdict = judge(seen([{ ...group, ...other }]), blockedLedger);
      return verdict.is === 'present' ? verdict.findings[0]! : null;
    };
    const page = readFileSync(new URL('explain.md', import.meta.url), 'utf8');
    const kinds: [Work, RegExp, RegExp][] = [
      [{ kind: 'sync-cpu', name: null }, /computes for 200 ms/, /Compute less/],
      [{ kind: 'sync-cpu', name: 'sort' }, /sorts for 200 ms/, /without sorting the rest/],
      [{ kind: 'sync-json', name: 'JSON.parse' }, /is in JSON.parse for/, /Parse once/],
      [{ kind: 'sync-json', name: 'JSON.stringify' }, /is in JSON.stringify for/, /Serialise less/],
      [{ kind: 'sync-json', name: 'structuredClone' }, /structuredClone/, /Copy only the part/],
      [{ kind: 'sync-crypto', name: 'scryptSync' }, /scryptSync/, /asynchronous form of scryptSync/],
      [{ kind: 'sync-fs', name: 'readFileSync' }, /waits for the file system in readFileSync/, /asynchronous form of readFileSync/],
      [{ kind: 'sync-zlib', name: 'gzipSync' }, /gzipSync/, /asynchronous form of gzipSync/],
      [{ kind: 'sync-child-process', name: 'execSync' }, /waits for another process in execSync/, /without waiting/],
      [{ kind: 'catastrophic-regex', name: '^(a+)+$' }, /\/\^\(a\+\)\+\$\//, /repetition inside a repetition/],
      [{ kind: 'sync-logging', name: 'console.log' }, /writes log lines with console.log/, /Log less/],
      [{ kind: 'module-loading', name: null }, /loads and compiles modules/, /top of the file/],
      [{ kind: 'message-copy', name: 'postMessage' }, /copies messages/, /transfer list/],
    ];
    it.each(kinds)('%o has its own sentence, advice and section', (work, summary, advice) => {
      const finding = found({ work })!;
      expect(finding.kind).toBe(work.kind);
      expect(finding.title).toMatch(/^Event loop blocked/);
      expect(finding.summary).toMatch(summary);
      expect(finding.fixes[0]!.says).toMatch(advice);
      expect(page).toContain(`### ${work.kind}\n`);
    });

    it('is a timer that comes at a steady period, with what it does and how often in its title', () => {
      const finding = found({ routes: [], everyMs: 600, work: { kind: 'sync-json', name: 'JSON.stringify' } })!;
      expect(finding).toMatchObject({ kind: 'periodic', title: 'Event loop blocked by JSON.stringify every 600 ms' });
      expect(finding.evidence.map(({ signal }) => signal)).toContain('period');
      expect(finding.fixes.map(({ says }) => says).join()).toMatch(/give way within its work.*Serialise less/);
      for (const kind of ['periodic', 'saturated', 'stuck']) expect(page).toContain(`### ${kind}\n`);
    });

    it('counts collecting the garbage that it makes to it', () => {
      const collecting = booked({
        'GET /report': [
          ['js/own', 100, label],
          ['js/gc', 60],
          ['wait/timer', 40],
        ],
      });
      const shareOf = (cleansUp: boolean) => {
        const verdict = judge(seen([{ ...group, cleansUp, collectorMs: 1200 }]), collecting);
        return verdict.is === 'present' ? verdict.findings[0]!.explainedShare : 0;
      };
      expect([shareOf(false), shareOf(true)]).toEqual([0.5, 0.8]);
    });

    it('says how large the answers are that it serialises', () => {
      const says = (answerBytes: number) =>
        found({ work: { kind: 'sync-json', name: 'JSON.stringify' }, answerBytes })!
          .evidence.map((one) => one.says)
          .join();
      expect(says(5.2e6)).toContain('5.2 MB');
      expect(says(2000)).not.toContain('MB');
    });
  });

  it('is not sure of tasks of less than twice the limit where others crowd the machine', () => {
    const pressure = { mainWaitShare: 0.5, neighbourCores: 1.6, cores: 2 } as ThreadPressure;
    const on = (medianCpuMs: number) =>
      rule.judge(
        factsOf(
          given(stuckLoops, []),
          given(blocks, seen([{ ...group, medianCpuMs }])),
          given(ledgers, blockedLedger),
          given(threadPressure, pressure),
        ),
      ).is;
    expect([on(69), on(140)]).toEqual(['inconclusive', 'present']);
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
