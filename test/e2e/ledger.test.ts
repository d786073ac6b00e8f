import { expect, test } from 'vitest';
import type { AccountId } from '../../src/model/ledger.js';
import type { Report } from '../../src/model/report.js';
import { ddx, freePort, reportOf } from './kit/ddx.js';

/** Route -> account that must hold most of the middle request, and at least how much of it, ms. */
const TRUTH: Record<string, { account: AccountId; atLeastMs: number }> = {
  '/burn': { account: 'js/own', atLeastMs: 50 },
  '/sleep': { account: 'wait/timer', atLeastMs: 190 },
  '/call': { account: 'http/response', atLeastMs: 140 },
  '/hash': { account: 'pool/work', atLeastMs: 20 },
};

test('unmistakable amounts are booked where they were spent', async () => {
  const port = String(await freePort());
  const asked = Object.keys(TRUTH).flatMap((path) => ['--path', path]);
  const load = ['--rate', '8', '--warmup', '1s', '--for', '8s', '--port', port];
  const finished = await ddx(['run', '--json', ...load, ...asked, '--', 'node', 'burns.mjs'], { env: { PORT: port } });
  const report: Report = reportOf(finished);
  for (const [path, { account, atLeastMs }] of Object.entries(TRUTH)) {
    const { p50 } = report.ledger[`GET ${path}`]!;
    const msOf = (of: (name: AccountId) => boolean) =>
      p50!.accounts.filter((entry) => of(entry.account)).reduce((sum, entry) => sum + entry.ms, 0);
    const ms = msOf((name) => name === account);
    // On a crowded machine a burn by the clock is in part a wait for a core.
    const withoutCoreMs = msOf((name) => name.startsWith('cpu/'));
    const said = JSON.stringify(p50);
    expect(ms + withoutCoreMs, said).toBeGreaterThan(atLeastMs);
    expect(ms / (p50!.measuredMs - withoutCoreMs), said).toBeGreaterThan(0.5);
    expect(p50!.unattributedMs / p50!.measuredMs, said).toBeLessThan(0.1);
  }
});
