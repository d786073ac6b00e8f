// npm run docs: the project's pages as a static site in .site/, which needs no server and no network.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { RULES } from '../rules/index.js';
import { diagnose } from '../src/diagnose/report.js';
import { readRecording } from '../src/recording/reader.js';
import { escapeHtml } from '../src/report/escape-html.js';
import { explanationHtml } from '../src/report/explain/html.js';
import { explanationPage } from '../src/report/explain/page.js';
import { parseExplanation } from '../src/report/explain/parse.js';
import { renderHtml } from '../src/report/html.js';
import { readCatalogue } from './catalogue.js';
import { home, SEARCH_SCRIPT, SITE_STYLE } from './site/home.js';

const root = resolve(import.meta.dirname, '..');
const out = resolve(root, process.argv[2] ?? '.site');
const EXAMPLE = 'runtime/event-loop-blocked';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const rules = (await readCatalogue(join(root, 'rules'))).filter(({ rule }) => rule !== null);

/** Markdown of the repository by the address it gets. */
const sources: Record<string, string> = {
  'accuracy.html': 'docs/accuracy.md',
  'attach.html': 'docs/attach.md',
  'load.html': 'docs/load.md',
  'errors.html': 'docs/errors.md',
  'rules.html': 'rules/README.md',
  'architecture.html': 'ARCHITECTURE.md',
  'contributing.html': 'CONTRIBUTING.md',
  ...Object.fromEntries(rules.map(({ id }) => [`rules/${id}.html`, `docs/rules/${id}.md`])),
};
const addressOf = new Map(Object.entries(sources).map(([address, file]) => [file, address]));
for (const { id } of rules) addressOf.set(`rules/${id}/explain.md`, `rules/${id}.html`);

rmSync(out, { recursive: true, force: true });
const index: { title: string; address: string; text: string }[] = [];
for (const [address, file] of Object.entries(sources)) {
  if (!existsSync(join(root, file))) continue;
  const markdown = read(file);
  const title = /^# +(.*)$/m.exec(markdown)?.[1] ?? address;
  write(
    address,
    title,
    explanationHtml(markdown, (href) => linkFrom(file, address, href)),
  );
  index.push({ title, address, text: searchText(markdown) });
}

const template = join(root, 'dist/ui/index.html');
if (!existsSync(template)) throw new Error('The report page is not built: npm run build');
const report = diagnose(readRecording(join(root, `rules/${EXAMPLE}/golden/sick.ddx`)), RULES);
writeFileSync(join(out, 'example-report.html'), renderHtml(report, readFileSync(template, 'utf8')));
cpSync(join(root, 'docs/report.schema.json'), join(out, 'report.schema.json'));

write('index.html', 'ddx: differential diagnosis for backends', home(rules, report));
// As a script and not as JSON: a page opened from a file may not fetch.
writeFileSync(join(out, 'search-index.js'), `globalThis.ddxSearch = ${JSON.stringify(index).replaceAll('<', '\\u003c')};\n`);
writeFileSync(join(out, 'search.js'), SEARCH_SCRIPT);
console.log(`wrote ${index.length + 2} pages to ${out}`);

function write(address: string, title: string, body: string): void {
  const up = '../'.repeat(address.split('/').length - 1);
  const link = (to: string, text: string): string => `<a href="${up}${to}"${to === address ? ' aria-current="page"' : ''}>${text}</a>`;
  const nav = `<header class="site"><nav aria-label="Site">${link('index.html', '<b>ddx</b>')}${link('rules.html', 'rules')}${link('example-report.html', 'example')}${link('accuracy.html', 'accuracy')}${link('attach.html', 'attach')}${link('load.html', 'load')}</nav>
<search><label for="q">Search</label><input id="q" type="search" autocomplete="off" data-up="${up}"><ul id="hits" aria-live="polite"></ul></search></header>\n`;
  const scripts = `<style>${SITE_STYLE}</style>\n<script defer src="${up}search-index.js"></script>\n<script defer src="${up}search.js"></script>\n`;
  const path = join(out, address);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, explanationPage(title, body, { nav, head: scripts }));
}

/** Links between files of the repository become links between pages; what has no page is named, not linked. */
function linkFrom(file: string, address: string, href: string): string {
  if (/^(?:https?:|#)/.test(href)) return href;
  const [path = '', hash] = href.split('#');
  const target = addressOf.get(posix.normalize(posix.join(posix.dirname(file), path)));
  if (target === undefined) return 'unlinked:';
  return `${posix.relative(posix.dirname(address), target)}${hash ? `#${hash}` : ''}`;
}

function searchText(markdown: string): string {
  const blocks = parseExplanation(markdown);
  return escapeHtml(
    blocks.flatMap((block) => ('text' in block ? [block.text] : block.is === 'list' ? block.items.map(({ text }) => text) : [])).join(' '),
  )
    .replace(/[`*]/g, '')
    .slice(0, 6000);
}
