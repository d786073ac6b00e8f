import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goldenReports } from '../golden-reports.js';
import { SAMPLES } from '../sample-reports.js';
import { findChromium } from './chromium.js';
import { PageBench } from './page.js';

const chromium = findChromium();
const missing = 'missing' in chromium ? ` (skipped: ${chromium.missing})` : '';
const goldens = missing === '' ? (await goldenReports()).filter(({ state }) => state === 'sick') : [];

describe.skipIf(missing !== '')(`the page for everybody${missing}`, () => {
  let bench: PageBench;
  beforeAll(async () => {
    bench = await PageBench.start('path' in chromium ? chromium.path : '');
  });
  afterAll(() => bench?.stop());

  const looks = [
    ['sick', 'light', 1280],
    ['sick', 'dark', 390],
    ['hostile', 'dark', 1280],
    ['inconclusive', 'light', 390],
  ] as const;
  test.each(looks)('%s, %s, %i: axe finds no violation', async (name, colorScheme, width) => {
    const { page } = await bench.open(SAMPLES[name]!(), { colorScheme, viewport: { width, height: 900 } });
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  test('real recordings: the console is silent, and axe finds no violation in the richest', async () => {
    for (const { name, report } of goldens) {
      const { page, troubles } = await bench.open(report);
      await page.evaluate(() => new Promise(requestAnimationFrame));
      expect(troubles, name).toEqual([]);
      if (name === 'memory/gc-pressure sick') expect(await violations(page)).toEqual([]);
      await page.context().close();
    }
  });

  test('nor where everything is opened', async () => {
    const { page } = await bench.open(SAMPLES['sick']!());
    for (const summary of await page.locator('main summary').all()) await summary.click();
    await page.getByRole('button', { name: "other requests' JavaScript" }).click();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'table', exact: true }).click();
    expect(await violations(page)).toEqual([]);
  });
});

/** "rule: what is wrong at which element", all of axe's rules, best practices among them. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }));
  return found.violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${help} ${html.slice(0, 200)}`));
}
