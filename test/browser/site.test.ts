import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from './chromium.js';
import { PageBench, SCREENSHOTS } from './page.js';

const chromium = findChromium();
const missing = 'missing' in chromium ? ` (skipped: ${chromium.missing})` : '';
const root = resolve(import.meta.dirname, '../..');

describe.skipIf(missing !== '')(`the project's site${missing}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ddx-site-'));
  const home = pathToFileURL(join(folder, 'index.html')).href;
  let bench: PageBench;
  beforeAll(async () => {
    bench = await PageBench.start('path' in chromium ? chromium.path : '');
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/site.ts', folder], { cwd: root });
  });
  afterAll(async () => {
    await bench?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    [390, 'dark'],
    [1440, 'light'],
  ] as const)('its first page at %i, %s: no error, nothing fetched from elsewhere, accessible', async (width, colorScheme) => {
    const { page, troubles } = await bench.visit(home, { viewport: { width, height: 900 }, colorScheme }, new URL('.', home).href, 'h1');
    expect(await page.locator('.catalogue li').count()).toBeGreaterThan(20);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.screenshot({ path: join(SCREENSHOTS, `site-${width}-${colorScheme}.png`) });
    await page.evaluate(axe.source);
    const found = await page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'], iframes: false }),
    );
    expect(found.violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('search finds the page of an illness, from the first page and from within', async () => {
    const { page } = await bench.visit(home, {}, new URL('.', home).href, 'h1');
    for (const [words, address] of Object.entries({ deadlock: 'async-deadlock', 'connection pool': 'connection-' })) {
      await page.getByLabel('Search').fill(words);
      await page.locator('#hits a').first().click();
      expect(page.url()).toMatch(new RegExp(`/rules/.*${address}`));
    }
    await page.getByLabel('Search').fill('zzzz nothing has this');
    expect(await page.locator('#hits li').count()).toBe(0);
  });

  test('every link between its pages leads somewhere', () => {
    const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
    const files = new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }));
    const broken = pages.flatMap((file) => {
      const html = readFileSync(join(folder, file), 'utf8').replace(/<script[\s\S]*?<\/script>/g, '');
      const links = [...html.matchAll(/(?:href|src)="([^"#:]+)(?:#[^"]*)?"/g)].map(([, to]) => to!);
      return links.filter((to) => !files.has(join(file, '..', to))).map((to) => `${file}: ${to}`);
    });
    expect([...new Set(broken)]).toEqual([]);
    expect(pages.length).toBeGreaterThan(30);
  });
});
