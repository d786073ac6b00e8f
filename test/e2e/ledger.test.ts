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
    const ms = p50!.accounts.filter((entry) => entry.account === account).reduce((sum, entry) => sum + entry.ms, 0);
    const said = JSON.stringify(p50);
    expect(ms, said).toBeGreaterThan(atLeastMs);
    // A crowded machine stretches what surrounds it, but never so far that something else is the larger part.
    expect(ms / p50!.measuredMs, said).toBeGreaterThan(0.5);
    expect(p50!.unattributedMs / p50!.measuredMs, said).toBeLessThan(0.1);
  }
});
