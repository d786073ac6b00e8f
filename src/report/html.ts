import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Report } from '../model/report.js';
import { finite } from './json.js';
import { showable } from './text.js';

/**
 * The report as one HTML file that needs no network. `template`: the built page (dist/ui/index.html).
 * The data goes last, gzip in base64, so that the page is painted before it is unpacked; a policy with the hashes of the page's own
 * script and style is set, so that nothing else can run, whatever the recording contains.
 */
export function renderHtml(report: Report, template: string): string {
  const { scripts, styles } = inlineHashes(template);
  const policy = `default-src 'none'; script-src ${sources(scripts)}; style-src ${sources(styles)}; img-src data:; base-uri 'none'; form-action 'none'`;
  const data = gzipSync(JSON.stringify(showableDeep(finite(report))), { level: 9 }).toString('base64');
  return template
    .replace('<head>', () => `<head>\n<meta http-equiv="Content-Security-Policy" content="${policy}">`)
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escapeHtml(pageTitle(report))}</title>`)
    .replace('<!--verdict-->', () => `<h1>${escapeHtml(VERDICT[report.verdict] ?? '')}</h1><p>${escapeHtml(showable(report.summary))}</p>`)
    .replace(
      /<\/body>\s*<\/html>\s*$/,
      () => `<script type="application/octet-stream;base64" id="ddx-data">${data}</script>\n</body>\n</html>\n`,
    );
}

const VERDICT: Record<Report['verdict'], string> = { sick: 'Sick', healthy: 'Healthy', inconclusive: 'Not enough to say' };

function pageTitle(report: Report): string {
  return showable(`${VERDICT[report.verdict] ?? ''}: ${report.target.command}`).slice(0, 120);
}

/** Hashes of the template's own inline script and style elements, as a Content-Security-Policy names them. */
function inlineHashes(template: string): { scripts: string[]; styles: string[] } {
  const hashes = (element: string): string[] =>
    [...template.matchAll(new RegExp(`<${element}\\b[^>]*>([\\s\\S]*?)</${element}>`, 'g'))].map(
      ([, content]) => `'sha256-${createHash('sha256').update(content!).digest('base64')}'`,
    );
  return { scripts: hashes('script'), styles: hashes('style') };
}

function sources(hashes: string[]): string {
  return hashes.length > 0 ? hashes.join(' ') : "'none'";
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Every text of the recording without characters that mislead the eye; see `showable`. */
function showableDeep(value: unknown): unknown {
  if (typeof value === 'string')
    return /[^\x20-\x7e]/.test(value) || value.length > 4_000 ? value.split('\n').map(showable).join('\n') : value;
  if (Array.isArray(value)) return value.map(showableDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [showable(key), showableDeep(item)]));
}
