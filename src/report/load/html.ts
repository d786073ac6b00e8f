import { createHash } from 'node:crypto';
import type { LoadPoint, LoadResult } from '../../model/load-result.js';
import { wordCount, wordMs, wordRate, wordSeconds } from '../../model/wording.js';
import { escapeHtml } from '../escape-html.js';
import { showable } from '../text.js';
import { errorWords, generatorWords, goalWords, LATENCY_COLUMNS, latencyWords, setupWords, statusWords, throughputWords } from './words.js';

const WIDTH = 760;
const HEIGHT = 160;
const MOST_ROUTES = 100;
const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:820px;margin:2rem auto;padding:0 1rem;color:#1d2733;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin-top:2rem}code{font-family:ui-monospace,monospace}table{border-collapse:collapse;width:100%}
td,th{text-align:right;padding:.25rem .5rem;border-bottom:1px solid #d9dee5;font-variant-numeric:tabular-nums}td:first-child,th:first-child{text-align:left}
.fine{color:#0a6b2d}.bad{color:#b3261e}.unsure{color:#7a5200}.note{border-left:4px solid #7a5200;padding-left:.8rem}
svg{width:100%;height:auto;background:#f6f8fa}polyline{fill:none;stroke-width:1.6}text{font:11px system-ui,sans-serif;fill:#3d4b5c}
@media(prefers-color-scheme:dark){body{background:#12171d;color:#dfe6ee}td,th{border-color:#323c48}svg{background:#1a212a}text{fill:#b4c0cd}
.fine{color:#5fd38a}.bad{color:#ff8a80}.unsure,.note{color:#ffcc80}}`;

/** The result of a load as one HTML file without script and without network. */
export function renderLoadHtml(result: LoadResult): string {
  const { url, verdict, summary, requests, routes, goals, notes, series, ddx } = result;
  const tone = verdict === 'fine' ? 'fine' : verdict === 'inconclusive' ? 'unsure' : 'bad';
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  const row = (name: string, one: LoadResult['requests']): string =>
    `<tr>${[name, ...[wordCount(one.due), ...latencyWords(one), errorWords(one.errors) || '0'].map(escaped)].map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width"><title>ddx load: ${escaped(url)}</title><style>${STYLE}</style></head><body>
<h1 class="${tone}">${escaped(summary)}</h1>
<p><code>${escaped(url)}</code><br>${escaped(setupWords(result))}</p>
${notes.map((note) => `<p class="note">${escaped(note)}</p>`).join('\n')}
${goals.map((goal) => `<p class="${goal.met ? 'fine' : 'bad'}">${goal.met ? '✓' : '✗'} ${escaped(goalWords(goal))}</p>`).join('\n')}
<h2>Latency from the moment each request was due</h2>
<table><tr>${['', 'requests', ...LATENCY_COLUMNS, 'errors'].map((name) => `<th>${name}</th>`).join('')}</tr>
${row('all', requests)}
${
  routes.length > 1
    ? routes
        .slice(0, MOST_ROUTES)
        .map((route) => row(`<code>${escaped(route.route)}</code>`, route))
        .join('\n')
    : ''
}</table>
<p>${escaped(throughputWords(result))}; statuses: ${escaped(statusWords(result) || 'none')}</p>
${chart('Latency over time', series.points, wordMs, [
  ['p50', '#2f6fde', ({ p50Ms }) => p50Ms],
  ['p99', '#d97706', ({ p99Ms }) => p99Ms],
  ['p99.9', '#b3261e', ({ p999Ms }) => p999Ms],
])}
${chart('Rate over time', series.points, (rate) => `${wordRate(rate)}/s`, [
  ['wanted', '#8a94a3', ({ dueS }) => dueS],
  ['answered', '#0a6b2d', ({ answeredS }) => answeredS],
])}
<h2>The generator</h2><p>${generatorWords(result).map(escaped).join('; ')}</p>
<p><small>ddx ${escaped(ddx.version)}</small></p></body></html>
`;
}

function chart(
  title: string,
  points: readonly LoadPoint[],
  word: (value: number) => string,
  lines: [name: string, color: string, of: (point: LoadPoint) => number][],
): string {
  if (points.length < 2) return '';
  const most = Math.max(...points.flatMap((point) => lines.map(([, , of]) => of(point))), 1e-9);
  const lastS = points.at(-1)!.tS;
  const path = (of: (point: LoadPoint) => number): string =>
    points
      .map((point) => `${((point.tS / lastS) * WIDTH).toFixed(1)},${(HEIGHT - (of(point) / most) * (HEIGHT - 20)).toFixed(1)}`)
      .join(' ');
  const legend = lines.map(([name, color], i) => `<text x="${8 + i * 80}" y="14" fill="${color}">${name}</text>`).join('');
  return `<h2>${title}</h2>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 16}" role="img" aria-label="${title}, at most ${escaped(word(most))}">
${lines.map(([, color, of]) => `<polyline stroke="${color}" points="${path(of)}"/>`).join('')}
${legend}<text x="${WIDTH - 8}" y="14" text-anchor="end">top ${escaped(word(most))}</text><text x="${WIDTH - 8}" y="${HEIGHT + 12}" text-anchor="end">${wordSeconds(lastS)}</text></svg>`;
}

function escaped(text: string): string {
  return escapeHtml(showable(text));
}
