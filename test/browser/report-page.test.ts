import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostileReport, hugeReport, inconclusiveReport, SAMPLES, sickReport } from '../sample-reports.js';
import { findChromium } from './chromium.js';
import { PageBench, SCREENSHOTS } from './page.js';

const chromium = findChromium();
const missing = 'missing' in chromium ? ` (skipped: ${chromium.missing})` : '';

describe.skipIf(missing !== '')(`the report page${missing}`, () => {
  let bench: PageBench;
  beforeAll(async () => {
    bench = await PageBench.start('path' in chromium ? chromium.path : '');
  });
  afterAll(() => bench?.stop());

  test('its code stays small', () => {
    expect(bench.template.length).toBeLessThan(150_000);
  });

  describe.each(Object.keys(SAMPLES))('%s', (name) => {
    // Both ways of light and of width for each sample; all four for the one that has everything.
    const looks = [[390, 'dark'], [1440, 'light'], ...(name === 'sick' ? [[390, 'light'] as const, [1440, 'dark'] as const] : [])] as const;
    test.each(looks)('at %i, %s: no error, no request, nothing sticks out', async (width, colorScheme) => {
      const { page, troubles } = await bench.open(SAMPLES[name]!(), { viewport: { width, height: 900 }, colorScheme });
      await page.waitForTimeout(200);
      expect(troubles).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(await page.locator('h1').count()).toBe(1);
      const whole = name !== 'huge';
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: whole });
      await page.context().close();
    });
  });

  test('only the page itself may run code, and nothing may be fetched', async () => {
    const { page } = await bench.open(sickReport());
    const policy = await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', 'content');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    const outcome = await page.evaluate(async () => {
      const inline = document.createElement('script');
      inline.textContent = 'globalThis.ranInline = true';
      document.body.append(inline);
      document.body.insertAdjacentHTML(
        'beforeend',
        '<img src="data:," onerror="globalThis.ranHandler = true"><style>body { --styled: 1 }</style>',
      );
      const style = getComputedStyle(document.body).getPropertyValue('--styled');
      // Not right here: what a debugger evaluates may evaluate.
      const evaluated = await new Promise<boolean>((done) => {
        setTimeout(() => {
          try {
            // biome-ignore lint/security/noGlobalEval: that it throws is the point
            eval('1');
            done(true);
          } catch {
            done(false);
          }
        });
      });
      const fetched = await fetch('http://127.0.0.1:9/').then(
        () => 'answered',
        () => 'refused',
      );
      await new Promise((done) => setTimeout(done, 100));
      return { evaluated, style, fetched, inline: 'ranInline' in globalThis, handler: 'ranHandler' in globalThis };
    });
    expect(outcome).toEqual({ evaluated: false, style: '', fetched: 'refused', inline: false, handler: false });
  });

  test('hostile names are only text', async () => {
    const { page, troubles } = await bench.open(hostileReport());
    const markup = await page.evaluate(() => ({
      scripts: document.scripts.length,
      images: document.images.length,
      handlers: [...document.querySelectorAll('*')].filter((element) => [...element.attributes].some(({ name }) => name.startsWith('on')))
        .length,
      javascriptLinks: [...document.links].filter((link) => link.protocol === 'javascript:').length,
      invisible: /[\u202a-\u202e\u2066-\u2069\u200b-\u200f]/.test(document.getElementById('app')?.textContent ?? ''),
    }));
    expect(markup).toEqual({ scripts: 2, images: 0, handlers: 0, javascriptLinks: 0, invisible: false });
    for (const summary of await page.locator('main summary').all()) await summary.click();
    for (const name of ['time', 'table', 'share']) await page.getByRole('button', { name, exact: true }).click();
    await page.locator('canvas[role=application]').hover({ position: { x: 40, y: 60 } });
    expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
    expect(troubles).toEqual([]);
    expect(await page.title()).toContain('<img src=x');
  });

  test('what is shown of a ledger adds up, on every route, at every percentile, in every view', async () => {
    const report = sickReport();
    const { page } = await bench.open(report);
    for (const route of Object.keys(report.ledger)) {
      await page.locator('#ledger select').selectOption(route);
      await page.getByRole('button', { name: 'share', exact: true }).click();
      for (const bucket of await page.locator('#ledger .bucket').all()) {
        await bucket.click();
        expect(await columnSums(page, '#ledger table.accounts')).toEqual([]);
      }
      await page.getByRole('button', { name: 'table', exact: true }).click();
      expect(await columnSums(page, '#ledger .ledger-table')).toEqual([]);
    }
    for (const summary of await page.locator('#requests summary').all()) await summary.click();
    for (let i = 0; i < report.exemplars.length; i++)
      expect(await columnSums(page, `#requests details:nth-child(${i + 1}) table.accounts`)).toEqual([]);
  });

  test('an account opens its detail, whose parts add up too', async () => {
    const { page } = await bench.open(sickReport());
    await page.getByRole('button', { name: "other requests' JavaScript" }).click();
    const detail = page.locator('.account-detail');
    await expect.poll(() => detail.textContent()).toContain('rankReviews');
    const parts = (await detail.locator('td').allInnerTexts()).map(numberOf);
    const row = numberOf((await page.locator('#ledger tr.chosen td').first().textContent()) ?? '');
    expect(parts.reduce((a, b) => a + b, 0)).toBe(row);
  });

  test('findings, routes and requests can be linked to', async () => {
    const report = sickReport();
    const finding = await bench.open(report, { hash: '#finding-2' });
    await expect.poll(() => finding.page.locator('.finding.current').getAttribute('id')).toBe('finding-2');
    await expect
      .poll(() => finding.page.locator('#finding-2').evaluate((element) => Math.abs(element.getBoundingClientRect().top) < innerHeight))
      .toBe(true);
    const route = await bench.open(report, { hash: '#route=POST%20%2Fcheckout' });
    await expect.poll(() => route.page.locator('#ledger select').inputValue()).toBe('POST /checkout');
    const request = await bench.open(report, { hash: '#request=1%3A4829' });
    await expect.poll(() => request.page.locator('details.current').getAttribute('open')).not.toBeNull();
  });

  test('the flame graph is walked by keys, zoomed, and searched', async () => {
    const { page } = await bench.open(sickReport());
    const status = page.locator('.flame-status');
    await page.locator('canvas[role=application]').focus();
    for (const key of ['ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    expect(await status.textContent()).toContain('reviewsPage');
    await page.keyboard.press('ArrowRight');
    expect(await status.textContent()).toContain('checkout');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    expect(await status.textContent()).toContain('(root)');
    await page.getByRole('searchbox').fill('rankreviews');
    await expect.poll(() => page.locator('.found').textContent()).toMatch(/^7\d % matches$/);
  });

  test.each(['', '#timeline', '#ruled-out'])('nothing that is seen moves while the page comes to rest%s', async (hash) => {
    const { page } = await bench.open(sickReport(), { hash });
    await page.waitForTimeout(400);
    const shifts = await page.evaluate(
      () =>
        new Promise<number>((done) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
          }).observe({ type: 'layout-shift', buffered: true });
          setTimeout(() => done(sum), 200);
        }),
    );
    expect(shifts).toBeLessThan(0.02);
    await page.context().close();
  });

  test('a request shows what it did, what it asked, and who held the thread meanwhile', async () => {
    const { page } = await bench.open(sickReport());
    await page.locator('#requests summary').first().click();
    const waterfall = page.locator('#requests .waterfall').first();
    expect(await waterfall.locator('.group').allInnerTexts()).toEqual(['This request', 'Who held the main thread meanwhile']);
    const held = waterfall.locator('tr', { hasText: 'rankReviews' });
    expect(await held.locator('[role=img]').getAttribute('aria-label')).toBe('2 stretches, the first from 0 ms for 359 ms');
    const [track, spans] = await Promise.all([held.locator('.track div').boundingBox(), held.locator('.span').all()]);
    const boxes = await Promise.all(spans.map((span) => span.boundingBox()));
    expect(boxes.map((box) => Math.round(((box!.x - track!.x) / track!.width) * 100))).toEqual([0, 80]);
    expect(boxes.map((box) => Math.round((box!.width / track!.width) * 100))).toEqual([58, 10]);
  });

  test('bands show when a finding was felt, w and s zoom, a and d move, f shows all', async () => {
    const { page } = await bench.open(sickReport());
    expect(await page.locator('.felt').textContent()).toContain('1.0 to 1.8 s');
    const axis = page.locator('.lane canvas').last();
    const pictures: string[] = [];
    for (const key of ['', 'w', 'd', 'f']) {
      await page.locator('.lanes').focus();
      if (key !== '') await page.keyboard.press(key);
      await page.waitForTimeout(50);
      pictures.push(await axis.evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
    }
    expect(new Set(pictures.slice(0, 3)).size).toBe(3);
    expect(pictures[3]).toBe(pictures[0]);
  });

  test('the flame graph in the order of time, and wall time by account', async () => {
    const { page } = await bench.open(sickReport());
    const status = page.locator('.flame-status');
    await page.getByRole('button', { name: 'in time', exact: true }).click();
    expect(await page.locator('#flame .note').textContent()).toContain('from left to right');
    await page.getByRole('button', { name: 'wall time', exact: true }).click();
    await page.locator('canvas[role=application]').focus();
    for (const key of ['ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    expect(await status.textContent()).toMatch(/JavaScript/);
  });

  test('one cursor reads every lane of the timeline', async () => {
    const { page } = await bench.open(sickReport());
    await page.locator('.lanes').focus();
    for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowRight');
    const read = await page.locator('.lane-head output').allInnerTexts();
    expect(read.length).toBe(Object.keys(sickReport().series).length);
    for (const value of read) expect(value).toMatch(/^[\d.,]+ (ms|s|req\/s|%|MB|ms\/s)$/);
  });

  test('a finding is copied as Markdown', async () => {
    const { page } = await bench.open(sickReport(), { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Copy as Markdown' }).first().click();
    await expect.poll(() => page.getByRole('button', { name: 'Copied' }).count()).toBe(1);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('### The event loop is blocked by rankReviews');
  });

  test('without JavaScript the verdict is still there', async () => {
    const { page } = await bench.open(inconclusiveReport(), { javaScriptEnabled: false });
    expect(await page.locator('h1').textContent()).toBe('Not enough to say');
    expect(await page.locator('main').textContent()).toContain('Only 14 requests were answered');
  });

  test('a damaged file says so', async () => {
    const { page } = await bench.open(sickReport(), { edit: (html) => html.replace(/(id="ddx-data">.{400})[^<]*/, '$1') });
    expect(await page.locator('.broken').textContent()).toContain('The data in this file cannot be read');
  });

  test('a recording of hundreds of routes stays a file one can send', async () => {
    const { page } = await bench.open(hugeReport());
    expect(await page.evaluate(() => document.documentElement.outerHTML.length)).toBeLessThan(5_000_000);
    await page.getByRole('button', { name: 'Show all 400' }).click();
    expect(await page.locator('.routes tbody tr').count()).toBe(400);
  });
});

/** Columns of a table whose visible numbers do not add up to the visible total: "column: parts != total". */
async function columnSums(page: Page, selector: string): Promise<string[]> {
  const table = page.locator(selector);
  const rows = await table
    .locator('tbody tr')
    .evaluateAll((trs) => trs.map((tr) => [...tr.querySelectorAll('td')].map((td) => td.textContent ?? '')));
  const [total] = await table
    .locator('tfoot tr')
    .evaluateAll((trs) => trs.map((tr) => [...tr.querySelectorAll('td')].map((td) => td.textContent ?? '')));
  expect(rows.length).toBeGreaterThan(0);
  return total!.flatMap((shown, column) => {
    const sum = rows.reduce((added, row) => added + Math.round(numberOf(row[column]!) * 1000), 0) / 1000;
    return sum === numberOf(shown) ? [] : [`${column}: ${sum} != ${shown}`];
  });
}

function numberOf(text: string): number {
  return text.trim() === '–' ? 0 : Number(text.replaceAll(',', '').replace(/[^\d.]/g, ''));
}
