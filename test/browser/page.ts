import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Report } from '../../src/model/report.js';
import { renderHtml } from '../../src/report/html.js';
import { buildPage, launchChromium } from './chromium.js';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
/** Ignored by git; for people to look at. */
export const SCREENSHOTS = join(root, '.screenshots');

/** A browser with report pages opened from files, as users open them. Owns a temporary folder. */
export class PageBench {
  readonly template: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'ddx-page-'));
  private readonly browser: Browser;
  private count = 0;

  private constructor(template: string, browser: Browser) {
    this.template = template;
    this.browser = browser;
    mkdirSync(SCREENSHOTS, { recursive: true });
  }

  static async start(chromiumPath: string): Promise<PageBench> {
    return new PageBench(readFileSync(buildPage(root), 'utf8'), await launchChromium(chromiumPath));
  }

  /** Opens a report's page. `troubles` fills with everything that a page without network and errors must not do. */
  async open(
    report: Report,
    options: BrowserContextOptions & { hash?: string; edit?: (html: string) => string } = {},
  ): Promise<{ page: Page; troubles: string[] }> {
    const { hash = '', edit = (html: string) => html, ...contextOptions } = options;
    const path = join(this.folder, `${this.count++}.html`);
    writeFileSync(path, edit(renderHtml(report, this.template)));
    const url = pathToFileURL(path).href;
    return this.visit(url + hash, contextOptions, url);
  }

  /** The same for any page. `own`: how the addresses begin that it may ask for. `drawn`: what shows that it is there. */
  async visit(
    url: string,
    contextOptions: BrowserContextOptions = {},
    own = url,
    drawn = '#verdict, .broken',
  ): Promise<{ page: Page; troubles: string[] }> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...contextOptions });
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') troubles.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(own) && !request.url().startsWith('data:')) troubles.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    if (contextOptions.javaScriptEnabled !== false) await page.waitForSelector(drawn);
    return { page, troubles };
  }

  async stop(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
