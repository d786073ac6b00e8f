import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { LiveState, PageData } from '../model/page.js';
import type { Report } from '../model/report.js';
import { showableDeep } from './clean.js';
import { escapeHtml } from './escape-html.js';
import { finite } from './json.js';
import { findingMarkdown } from './markdown.js';
import { showable } from './text.js';

/**
 * The report as one HTML file that needs no network. `template`: the built page (dist/ui/index.html).
 * The data goes last, gzip in base64, so that the page is painted before it is unpacked; a policy with the hashes of the page's own
 * script and style is set, so that nothing else can run, whatever the recording contains. `live`: it is served, and may ask its server.
 */
export function renderHtml(report: Report, template: string, live?: LiveState): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hashesOf(template, 'script')}`,
    `style-src ${hashesOf(template, 'style')}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    ...(live ? ["connect-src 'self'"] : []),
  ].join('; ');
  const before = `<h1>${escapeHtml(VERDICTS[report.verdict] ?? '')}</h1><p>${escapeHtml(showable(report.summary))}</p>`;
  const title = `${VERDICTS[report.verdict] ?? ''}: ${showable(report.target.command).slice(0, 100)}`;
  const page = fill(template, [
    ['<head>', `<head>\n<meta http-equiv="Content-Security-Policy" content="${policy}">`],
    ['<title>ddx report</title>', `<title>${escapeHtml(title)}</title>`],
    ['<!--verdict-->', before],
  ]);
  const end = page.lastIndexOf('</body>');
  return `${page.slice(0, end)}<script type="application/octet-stream;base64" id="ddx-data">${gzipSync(pageJson(report, live), { level: live ? 1 : 9 }).toString('base64')}</script>\n${page.slice(end)}`;
}

const VERDICTS: Record<Report['verdict'], string> = { sick: 'Sick', healthy: 'Healthy', inconclusive: 'Not enough to say' };

/** What the page reads, as one line of JSON. */
export function pageJson(report: Report, live?: LiveState): string {
  const data: PageData = {
    report: finite(report),
    findingsMarkdown: report.findings.map((finding) => findingMarkdown(finding)),
    ...(live ? { live } : {}),
  };
  return JSON.stringify(showableDeep(data));
}

/** Each place must be in the template: a page without its policy or data is not worth writing. */
function fill(template: string, places: [place: string, text: string][]): string {
  return places.reduce((page, [place, text]) => {
    const at = page.indexOf(place);
    if (at < 0) throw new Error(`The page template has no ${place}.`);
    return page.slice(0, at) + text + page.slice(at + place.length);
  }, template);
}

/** Hashes of the template's own inline elements, as a Content-Security-Policy names them. */
function hashesOf(template: string, element: 'script' | 'style'): string {
  const contents = [...template.matchAll(new RegExp(`<${element}\\b[^>]*>([\\s\\S]*?)</${element}>`, 'g'))].map(([, content]) => content!);
  return contents.map((content) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`).join(' ') || "'none'";
}
