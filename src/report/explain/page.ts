import { escapeHtml } from '../escape-html.js';
import { explanationHtml } from './html.js';

/** One HTML file with a style of its own: for `ddx explain --output html=...` and for the site, which gives it a head to stand under. */
export function explanationPage(title: string, body: string, { nav = '', head = '' }: { nav?: string; head?: string } = {}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
${head}</head>
<body>
${nav}<main>
${body}
</main>
</body>
</html>
`;
}

export function renderExplanationHtml(markdown: string): string {
  const title = /^# +(.*)$/m.exec(markdown)?.[1] ?? 'ddx';
  return explanationPage(`${title} · ddx`, explanationHtml(markdown));
}

const STYLE = `
:root { --bg: #fcfcfa; --fg: #1d2126; --soft: #565d66; --line: #d9dcd6; --code: #f1f2ec; --link: #1f5aa8; --ins: #1a6134; --del: #a32222; --mark: #b84a14; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #15181c; --fg: #e5e7e4; --soft: #a3aab2; --line: #363c43; --code: #1f242a; --link: #8ab8f5; --ins: #7fd19a; --del: #f19a92; --mark: #f0935c; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--fg); font: 17px/1.6 system-ui, sans-serif; overflow-wrap: break-word; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 5rem; }
h1 { font-size: 2rem; line-height: 1.15; margin: 1.2rem 0 0.8rem; letter-spacing: -0.01em; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 0.6rem; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 0.4rem; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code { font: 0.87em/1.5 ui-monospace, Menlo, Consolas, monospace; background: var(--code); padding: 0.1em 0.3em; border-radius: 3px; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: 0.8rem 1rem; overflow-x: auto; }
pre code { background: none; padding: 0; }
ins, del { text-decoration: none; color: var(--ins); }
del { color: var(--del); }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.92em; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.35rem 0.9rem 0.35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
`;
