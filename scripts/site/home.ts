import type { Report } from '../../src/model/report.js';
import { escapeHtml } from '../../src/report/escape-html.js';
import { renderTerminal } from '../../src/report/terminal.js';
import type { RuleFolder } from '../catalogue.js';

/** The first page: what it is, how to get it, what it says, what it knows. */
export function home(rules: readonly RuleFolder[], report: Report): string {
  const terminal = renderTerminal(report, { width: 96, color: false, unicode: true, exitCode: 1 });
  const rows = rules.map(
    ({ id, rule, explain }) =>
      `<li><a href="rules/${id}.html"><b>${escapeHtml(rule!.title)}</b></a> <span>${escapeHtml(firstSentence(explain ?? ''))}</span></li>`,
  );
  return `<h1>Why is this backend slow, leaking or wrong?</h1>
<p class="lead">ddx looks at a running Node.js server and says which illness explains its slow requests: the cause with its line of code, the numbers that show it, and the numbers that rule out everything it is usually confused with.</p>
<pre tabindex="0" class="install"><code>npx ddx run --rate 200 --for 30s -- node server.js</code></pre>
<p>No code changes, no agent, no account, no network beyond your own server.</p>
<h2 id="example">What it says</h2>
<p>A real recording of a real server, as it is printed. The same as <a href="example-report.html">a page with charts, ledgers and a flame graph</a>.</p>
<pre tabindex="0" class="terminal" aria-label="A report as ddx prints it"><code>${escapeHtml(terminal.replace(/^\n+|\s+$/g, ''))}</code></pre>
<iframe src="example-report.html" title="Example report" loading="lazy"></iframe>
<h2 id="how">How it knows</h2>
<p>The wall time of every request is booked to accounts that add up exactly: its own JavaScript, other requests' JavaScript, garbage collection, waiting for a core, throttling, libuv's pool, databases, other services, timers, and an honest rest. A rule speaks only when its counter says so, when it can show how much of which route's time it explains, and when its look-alikes are ruled out by numbers. <a href="accuracy.html">How often that is right</a> is measured on servers whose illness is known.</p>
<h2 id="catalogue">What it looks for</h2>
<ul class="catalogue">
${rows.join('\n')}
</ul>
<p><a href="rules.html">All rules with what was measured</a> · <a href="contributing.html">Add one</a> · <a href="architecture.html">How it is built</a> · <a href="report.schema.json">JSON schema of the report</a></p>`;
}

function firstSentence(explain: string): string {
  const [, text = ''] = /## What you see\s+([\s\S]*?)(?:\n\n|$)/.exec(explain) ?? [];
  const plain = text.replace(/[`*]/g, '').replace(/\s+/g, ' ');
  return /^.*?[.:](?= |$)/.exec(plain)?.[0] ?? plain;
}

export const SITE_STYLE = `
.site { display: flex; flex-wrap: wrap; gap: 0.4rem 1.4rem; align-items: center; justify-content: space-between; max-width: 46rem; margin: 0 auto; padding: 0.7rem 1rem; border-bottom: 1px solid var(--line); font-size: 0.95rem; }
.site nav { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; }
.site a { color: var(--fg); text-decoration: none; padding: 0.2rem 0; }
.site a:hover, .site a[aria-current] { text-decoration: underline; }
search { position: relative; display: flex; gap: 0.5rem; align-items: center; }
search label { color: var(--soft); }
search input { font: inherit; width: 11rem; padding: 0.2rem 0.5rem; border: 1px solid var(--soft); border-radius: 4px; background: var(--bg); color: var(--fg); }
#hits { position: absolute; z-index: 1; right: 0; top: 2.2rem; width: min(24rem, 90vw); margin: 0; padding: 0.3rem 0; list-style: none; background: var(--bg); border: 1px solid var(--line); border-radius: 6px; box-shadow: 0 6px 20px rgb(0 0 0 / 0.2); }
#hits:empty { display: none; }
#hits a { display: block; padding: 0.35rem 0.8rem; }
#hits small { display: block; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.lead { font-size: 1.2rem; }
.install { font-size: 1.05rem; border-left: 4px solid var(--mark); }
.terminal { font-size: 0.72rem; line-height: 1.4; max-height: 36rem; overflow: auto; }
.terminal code { font-size: 1em; line-height: inherit; }
iframe { width: 100%; height: 40rem; border: 1px solid var(--line); border-radius: 6px; margin-top: 0.8rem; background: var(--bg); }
.catalogue { list-style: none; padding: 0; }
.catalogue li { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
.catalogue span { color: var(--soft); display: block; }
@media (max-width: 40rem) { search { width: 100%; } search input { flex: 1; } h1 { font-size: 1.6rem; } }
`;

/** Finds pages that hold all the words that were typed; titles count more. Arrow keys are the browser's own: hits are links. */
export const SEARCH_SCRIPT = `const input = document.getElementById('q');
const hits = document.getElementById('hits');
input.addEventListener('input', () => {
  const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const scored = words.length === 0 ? [] : globalThis.ddxSearch.map((page) => {
    const title = page.title.toLowerCase() + ' ' + page.address;
    const text = page.text.toLowerCase();
    const all = words.every((word) => title.includes(word) || text.includes(word));
    return { page, score: all ? words.reduce((sum, word) => sum + (title.includes(word) ? 10 : 0) + text.split(word).length, 1) : 0 };
  }).filter(({ score }) => score > 0).sort((a, b) => b.score - a.score).slice(0, 8);
  hits.replaceChildren(...scored.map(({ page }) => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = input.dataset.up + page.address;
    link.textContent = page.title;
    const about = document.createElement('small');
    about.textContent = page.address.replace('.html', '');
    link.append(about);
    item.append(link);
    return item;
  }));
});
`;
