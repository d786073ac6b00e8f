import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPageServer } from '../../src/cli/page-server.js';
import type { LiveState } from '../../src/model/page.js';
import type { Report } from '../../src/model/report.js';
import { pageJson, renderHtml } from '../../src/report/html.js';
import { healthyReport, sickReport } from '../sample-reports.js';
import { findChromium } from './chromium.js';
import { PageBench } from './page.js';

const chromium = findChromium();
const missing = 'missing' in chromium ? ` (skipped: ${chromium.missing})` : '';

const state = (said: LiveState['said'][number]['verdict'][], more: Partial<LiveState> = {}): LiveState => ({
  windowS: 30,
  everyS: 10,
  pending: null,
  said: said.map((verdict, i) => ({ epochMs: 1_700_000_000_000 + i * 60_000, verdict, summary: `it was ${verdict}` })),
  ended: false,
  ...more,
});

describe.skipIf(missing !== '')(`the live page${missing}`, () => {
  let bench: PageBench;
  beforeAll(async () => {
    bench = await PageBench.start('path' in chromium ? chromium.path : '');
  });
  afterAll(() => bench?.stop());

  test('follows what is pushed, is held still by space, keeps what its reader chose, and hears the end', async () => {
    let now: [Report, LiveState] = [healthyReport(), state(['healthy'])];
    const server = await startPageServer(() => renderHtml(now[0], bench.template, now[1]));
    const push = (report: Report, next: LiveState): void => {
      now = [report, next];
      server.push(pageJson(report, next));
    };
    const { page, troubles } = await bench.visit(server.url);
    const heading = page.locator('h1');
    expect(await heading.textContent()).toContain('Healthy');
    expect(await page.locator('.live-head').textContent()).toContain('the last 30 s, judged every 10 s');

    push(healthyReport(), state(['healthy'], { pending: { verdict: 'sick', summary: 'as it seems', windows: 2, needed: 3 } }));
    await expect.poll(() => page.locator('.live').textContent()).toContain('2 of 3 windows say sick: as it seems');
    expect(await heading.textContent()).toContain('Healthy');

    push(sickReport(), state(['healthy', 'sick']));
    await expect.poll(() => heading.textContent()).toContain('Sick');
    expect(await page.locator('.said li').count()).toBe(2);
    await page.locator('#ledger select').selectOption('POST /checkout');
    await page.locator('.lanes').focus();
    await page.keyboard.press('w');
    const canvases = await page.locator('.lanes canvas').elementHandles();

    const later = sickReport();
    later.requests.count = 4242;
    for (const series of Object.values(later.series)) series.points = series.points.map(([tS, value]) => [tS - 20, value]);
    push(later, state(['healthy', 'sick']));
    await expect.poll(() => page.locator('.figures').textContent()).toContain('4,242');
    expect(await page.locator('#ledger select').inputValue()).toBe('POST /checkout');
    // The charts took new values; they were not made anew, which would forget what is zoomed.
    for (const canvas of canvases) expect(await canvas.evaluate((element) => element.isConnected)).toBe(true);

    await page.locator('h1').click();
    await page.keyboard.press('Space');
    await expect.poll(() => page.locator('.live-head').textContent()).toContain('Frozen');
    push(healthyReport(), state(['healthy', 'sick', 'healthy']));
    push(healthyReport(), state(['healthy', 'sick', 'healthy'], { ended: true }));
    await page.waitForTimeout(200);
    expect(await heading.textContent()).toContain('Sick');
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => heading.textContent()).toContain('Healthy');
    expect(await page.locator('.live-head').textContent()).toContain('Ended');
    expect(troubles).toEqual([]);
    server.close();
    await page.context().close();
  });

  test('who does not know the token gets nothing, neither page nor events', async () => {
    const server = await startPageServer(() => 'page');
    server.push('{}');
    const { origin, pathname } = new URL(server.url);
    const wrong = pathname.replace(/.\/$/, (end) => (end === '-/' ? '_/' : '-/'));
    const statuses = await Promise.all(
      ['/', '/events', wrong, `${wrong}events`, `${pathname}other`].map(async (path) => (await fetch(origin + path)).status),
    );
    expect(statuses).toEqual([404, 404, 404, 404, 404]);
    const events = await fetch(`${server.url}events`);
    const { value } = await events.body!.getReader().read();
    expect(new TextDecoder().decode(value)).toBe('data: {}\n\n');
    expect((await fetch(`${server.url}events`, { method: 'HEAD' })).status).toBe(503);
    server.close();
  });
});
