import { describe, expect, test } from 'vitest';
import { ddx, reportOf } from './kit/ddx.js';

const LOAD = ['--rate', '150', '--path', '60*/', '--path', '/report'];

describe('what ddx costs the target', () => {
  test('is measured in the run; a ledger that would be felt is kept in windows, and the verdict stands', async () => {
    const once = () => ddx(['run', ...LOAD, '--warmup', '6s', '--for', '14s', '--json', '--', 'node', 'storm.cjs']);
    const first = await once();
    // A crowded machine may leave it open; that is no wrong answer.
    const ran = reportOf(first).verdict === 'inconclusive' ? await once() : first;
    const report = reportOf(ran);
    const { overhead } = report.ddx;
    expect(overhead.tier).toBe('standard');
    expect(overhead.share, overhead.how).toBeGreaterThan(-1);
    expect(overhead.lowShare).toBeLessThanOrEqual(overhead.share);
    expect(overhead.highShare).toBeGreaterThanOrEqual(overhead.share);
    expect(overhead.how).toContain('switched off and on');
    // Some hundred thousand continuations a second: nobody could keep every one of them for nothing.
    const { sampling } = overhead;
    expect(sampling?.dutyShare, overhead.says).toBeLessThan(0.9);
    expect(sampling!.bookedRequests).toBeLessThan(sampling!.requests);
    expect(sampling!.bookedRequests).toBeGreaterThan(20);
    expect(overhead.says).toContain('kept the ledger');
    // Bands are drawn from all requests and every account still adds up.
    for (const ledger of Object.values(report.ledger.overall))
      expect(ledger.accounts.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(ledger.measuredMs, 2);
    const found = report.findings.map(({ rule }) => rule);
    expect(found, report.summary).toContain('runtime/event-loop-blocked');
    const { location } = report.findings.find(({ rule }) => rule === 'runtime/event-loop-blocked')!;
    expect(location).toMatchObject({ file: 'storm.cjs', function: 'buildReport' });
  });

  test('at depth deep everything is kept, and blocks are caught in the act with their exact line', async () => {
    const args = ['--depth', 'deep', '--block-ms', '60', '--warmup', '2s', '--for', '6s', '--json'];
    const report = reportOf(await ddx(['run', ...LOAD, ...args, '--', 'node', 'storm.cjs']));
    expect(report.ddx.overhead.tier).toBe('deep');
    expect(report.ddx.overhead.sampling).toBeUndefined();
    const blocked = report.findings.find(({ rule }) => rule === 'runtime/event-loop-blocked');
    expect(blocked?.location).toMatchObject({ file: 'storm.cjs', function: 'buildReport' });
    // The loop, and what it calls: lines 13 and 11 to 14 of the fixture.
    expect(blocked!.location!.line).toBeGreaterThanOrEqual(11);
    expect(blocked!.location!.line).toBeLessThanOrEqual(14);
    expect(blocked!.evidence.map(({ signal }) => signal)).toContain('stacks taken');
  });

  test('is said to be unknown where nothing could be tried', async () => {
    const report = reportOf(await ddx(['run', '--rate', '20', '--warmup', '0s', '--for', '2s', '--json', '--', 'node', 'server.cjs']));
    expect(report.ddx.overhead).toMatchObject({ share: -1, lowShare: -1, highShare: -1, timeShare: -1 });
    expect(report.ddx.overhead.how).toContain('--warmup');
  });
});
