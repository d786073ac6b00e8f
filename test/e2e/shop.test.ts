import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
// @ts-expect-error: the example is plain JavaScript
import { paths, ratePerS } from '../../examples/shop/load.js';
import type { Report } from '../../src/model/report.js';
import { ddx, freePort, reportOf } from './kit/ddx.js';

const root = resolve(import.meta.dirname, '../..');
const shop = join(root, 'examples/shop');

/** What each illness must be called, and the lines that are its cause: from the first text to the second, or that line alone. */
const TRUTH = {
  block: { rule: 'runtime/event-loop-blocked', file: 'search.js', from: 'function scoreAll(', to: 'return row[b.length];' },
  leak: { rule: 'memory/heap-leak', file: 'sessions.js', from: 'sessions.set(' },
  thrash: { rule: 'threads/oversubscription', file: 'photos.js', from: 'new Worker(' },
  downstream: { rule: 'network/slow-downstream', file: 'checkout.js', from: 'await fetch(' },
  pool: { rule: 'threads/pool-starvation', file: 'vouchers.js', from: 'return derive(' },
};

describe.each(Object.entries(TRUTH))('the shop with --sick %s', (sick, truth) => {
  test(`is told to have ${truth.rule}, and nothing else`, async () => {
    const { report, code, log } = await diagnosed(sick);
    const rootCauses = report.findings.filter(({ role }) => role === 'root-cause');
    expect(
      rootCauses.map(({ rule }) => rule),
      log,
    ).toEqual([truth.rule]);
    expect(code, log).toBe(1);
    expect(report.verdict).toBe('sick');
    const { location } = rootCauses[0]!;
    expect(location?.file, log).toBe(`examples/shop/${truth.file}`);
    const [first, last] = linesOf(truth);
    expect(location?.line, log).toBeGreaterThanOrEqual(first);
    expect(location?.line, log).toBeLessThanOrEqual(last);
  });
});

test('the shop as it should be is healthy', async () => {
  const { report, code, log } = await diagnosed('none');
  expect(report.findings, log).toEqual([]);
  expect(report.verdict).toBe('healthy');
  expect(code).toBe(0);
});

test('npm start ends with 0 once it has a diagnosis, and leaves the page beside it', () => {
  const begin = Date.now();
  const { status, stdout, stderr } = npmStart();
  expect(status, stderr).toBe(0);
  expect(stdout).toContain('runtime/event-loop-blocked');
  expect(stdout).toContain('ddx ended with exit code 1: findings');
  const page = join(root, 'ddx-report.html');
  expect(existsSync(page)).toBe(true);
  expect(statSync(page).mtimeMs).toBeGreaterThan(begin);
});

test('npm start names the illnesses when asked for one that does not exist', () => {
  const { status, stderr } = npmStart('--sick', 'flu');
  expect(status).toBe(2);
  expect(stderr).toContain('"flu"');
  for (const name of ['none', ...Object.keys(TRUTH)]) expect(stderr).toContain(name);
});

/** One run through the built CLI; again only when there was too little evidence, never when the diagnosis was wrong. */
async function diagnosed(sick: string): Promise<{ report: Report; code: number | null; log: string }> {
  for (let attempt = 1; ; attempt++) {
    const port = String(await freePort());
    const load = ['--rate', String(ratePerS), '--for', '12s', '--warmup', '3s', '--port', port];
    const asked = (paths as string[]).flatMap((path) => ['--path', path]);
    const args = ['run', '--json', ...load, ...asked, '--', 'node', 'examples/shop/server.js'];
    const finished = await ddx(args, { cwd: root, env: { PORT: port, SHOP_SICK: sick } });
    const { code, stderr } = finished;
    if (code === 4 && attempt < 3) continue;
    const report = reportOf(finished);
    return { report, code, log: `${stderr}\n${JSON.stringify([report.findings, report.ruledOut], null, 1)}` };
  }
}

function npmStart(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['scripts/start.mjs', ...args], { cwd: root, encoding: 'utf8' });
}

function linesOf({ file, from, to = from }: { file: string; from: string; to?: string }): [number, number] {
  const lines = readFileSync(join(shop, file), 'utf8').split('\n');
  const lineOf = (text: string): number => {
    const found = lines.flatMap((line, i) => (line.includes(text) ? [i + 1] : []));
    if (found.length !== 1) throw new Error(`${file} contains "${text}" ${found.length} times`);
    return found[0]!;
  };
  return [lineOf(from), lineOf(to)];
}
