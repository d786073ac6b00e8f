// The page of a large recording: its size, when it shows and answers, how smoothly it moves. npm run bench:report [requests]
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { RULES } from '../rules/index.js';
import { diagnose } from '../src/diagnose/report.js';
import { readRecording } from '../src/recording/reader.js';
import { renderHtml } from '../src/report/html.js';
import { buildPage, findChromium, launchChromium } from '../test/browser/chromium.js';
import { writeLargeRecording } from './report/recording.js';

const REQUESTS = Number(process.argv[2] ?? 1_000_000);
const LOADS = 5;
const MOVE_MS = 3_000;
const root = resolve(import.meta.dirname, '..');

const chromium = findChromium();
if ('missing' in chromium) throw new Error(chromium.missing);
const folder = mkdtempSync(join(tmpdir(), 'ddx-bench-'));
try {
  const [recording, html] = [join(folder, 'large.ddx'), join(folder, 'report.html')];
  const template = readFileSync(buildPage(root), 'utf8');
  const writeMs = timed(() => writeLargeRecording(recording, REQUESTS));
  let report: ReturnType<typeof diagnose>;
  const diagnoseMs = timed(() => {
    report = diagnose(readRecording(recording), RULES);
  });
  const renderMs = timed(() => writeFileSync(html, renderHtml(report, template)));
  const browser = await launchChromium(chromium.path);
  const loads: Load[] = [];
  for (let i = 0; i < LOADS; i++) loads.push(await load(browser, html));
  const page = await open(browser, html);
  const timelineFps = await framesPerS(page, 'timeline', '.lanes');
  const flameFps = await framesPerS(page, 'flame', 'canvas[role=application]');
  const scrollFps = await framesPerS(page, 'scroll', 'body');
  await browser.close();
  const rows: [what: string, value: number, unit: string, goal: string][] = [
    ['recording', mega(statSync(recording).size), 'MB', ''],
    ['writing it', writeMs / 1000, 's', ''],
    ['reading and diagnosing', diagnoseMs / 1000, 's', ''],
    ['writing the page', renderMs / 1000, 's', ''],
    ['page', mega(statSync(html).size), 'MB', '< 5'],
    ['of it code', template.length / 1000, 'kB', '< 150'],
    ['first paint', median(loads.map(({ paintMs }) => paintMs)) / 1000, 's', '< 0.5'],
    ['interactive', median(loads.map(({ readyMs }) => readyMs)) / 1000, 's', '< 1.5'],
    ['timeline, panned and zoomed', timelineFps, 'frames/s', '>= 50'],
    ['flame graph, pointed at and zoomed', flameFps, 'frames/s', '>= 50'],
    ['scrolled', scrollFps, 'frames/s', '>= 50'],
  ];
  console.table(rows.map(([what, value, unit, goal]) => ({ what, value: Number(value.toPrecision(3)), unit, goal })));
  const figures = Object.fromEntries(rows.map(([what, value]) => [what, Number(value.toPrecision(4))]));
  console.log(
    JSON.stringify({ bench: 'report', requests: report!.requests.count, verdict: report!.verdict, node: process.version, ...figures }),
  );
} finally {
  rmSync(folder, { recursive: true });
}

interface Load {
  paintMs: number;
  readyMs: number;
}

async function open(browser: Browser, html: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript({ path: join(import.meta.dirname, 'report/in-page.js') });
  await page.goto(pathToFileURL(html).href);
  await page.evaluate('interactive');
  return page;
}

/** One cold load: times since the navigation began. */
async function load(browser: Browser, html: string): Promise<Load> {
  const page = await open(browser, html);
  const times = await page.evaluate<Load>(
    "interactive.then((readyMs) => ({ paintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN, readyMs }))",
  );
  await page.close();
  return times;
}

/** Moves something in every frame for MOVE_MS and counts the frames. */
async function framesPerS(page: Page, what: 'timeline' | 'flame' | 'scroll', selector: string): Promise<number> {
  await page.locator(selector).first().scrollIntoViewIfNeeded();
  return page.evaluate<number>(`framesPerS(${JSON.stringify(what)}, ${JSON.stringify(selector)}, ${MOVE_MS})`);
}

function timed(body: () => void): number {
  const beganMs = performance.now();
  body();
  return performance.now() - beganMs;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function mega(bytes: number): number {
  return bytes / 1e6;
}
