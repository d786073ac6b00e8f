import type { Report } from '../../model/report.js';
import { exitWords, loadWords, runtimeWords } from '../../model/target-words.js';
import { wordCount, wordMs, wordRate, wordSeconds, wordShare } from '../../model/wording.js';
import { cells, clip, joined, middle, padEnd, padStart, wrap } from '../text.js';
import { LONGEST_PROSE, type Paper, paragraph, type Tone } from './paper.js';

/** What ran, under which load, for how long. */
export function header(report: Report, paper: Paper): string[] {
  const { target, window, requests } = report;
  const sep = ` ${paper.sign.sep} `;
  const runtime = `${runtimeWords(report)}${target.pid > 0 ? ` pid ${target.pid}` : ''}${target.processes > 1 ? `, ${wordCount(target.processes)} processes` : ''}`;
  const parts = [
    `ddx ${report.ddx.version}`,
    runtime,
    loadWords(report),
    wordSeconds(window.durationS),
    `${wordCount(requests.count)} requests, ${wordCount(requests.errors)} errors${requests.errors > 0 ? ` (${wordShare(errorShare(requests))})` : ''}`,
  ].map((part) => paper.clean(part));
  const command = middle(paper.clean(target.command), paper.width - 4);
  return [
    ...joined(parts, sep, paper.width - 2).map((line) => `  ${paper.tone('dim', line)}`),
    ...(command ? [`  ${paper.tone('dim', command)}`] : []),
  ];
}

/** The answer, before anything else. */
export function verdict(report: Report, paper: Paper): string[] {
  const looks: Record<Report['verdict'], [Tone, string, string]> = {
    sick: ['bad', paper.sign.bad, 'SICK'],
    healthy: ['good', paper.sign.good, 'HEALTHY'],
    inconclusive: ['warn', paper.sign.unsure, 'NOT ENOUGH TO SAY'],
  };
  const [tone, sign, word] = looks[report.verdict] ?? looks.inconclusive;
  const label = `${sign} ${word}`;
  const indent = report.verdict === 'inconclusive' ? 4 : cells(label) + 5;
  const body = wrap(paper.clean(report.summary), Math.min(paper.width - indent, LONGEST_PROSE));
  if (report.verdict === 'inconclusive') return [`  ${paper.tone(tone, label)}`, ...body.map((line) => `    ${line}`)];
  return body.map((line, i) =>
    i === 0 ? `  ${paper.tone(tone, label)}   ${paper.tone('strong', line)}` : `${' '.repeat(indent)}${paper.tone('strong', line)}`,
  );
}

/** The target's own last words, where it ended in failure. */
export function ending(report: Report, paper: Paper): string[] {
  const says = exitWords(report);
  if (says === null) return [];
  const tail = (report.target.exit?.stderrTail ?? [])
    .slice(-6)
    .map((line) => `      ${paper.tone('dim', paper.sign.rule)} ${clip(paper.cleanCode(line), paper.width - 8)}`);
  return [...paragraph(paper, says + (tail.length > 0 ? ' Its last words:' : ''), 4), ...tail];
}

const MOST_ROUTES = 10;

export function routesTable(report: Report, paper: Paper): string[] {
  if (report.routes.length === 0) return [];
  const accused = new Set(
    report.findings.filter((finding) => finding.role === 'root-cause').flatMap((finding) => [finding.route, ...(finding.suffers ?? [])]),
  );
  const byTraffic = [...report.routes].sort((a, b) => b.count - a.count);
  // A rare sick route must not fall off the end of a list of busy ones.
  const shown = [...byTraffic.filter((r) => accused.has(r.route)), ...byTraffic.filter((r) => !accused.has(r.route))].slice(0, MOST_ROUTES);
  const columns = [
    { title: 'req/s', width: 8, from: 80, text: (r: Report['routes'][number]) => wordRate(r.rps) },
    { title: 'requests', width: 10, from: 100, text: (r: Report['routes'][number]) => wordCount(r.count) },
    { title: 'errors', width: 9, from: 0, text: (r: Report['routes'][number]) => (r.errors > 0 ? wordShare(errorShare(r)) : '0') },
    { title: 'p50', width: 10, from: 0, text: (r: Report['routes'][number]) => wordMs(r.p50Ms) },
    { title: 'p99', width: 10, from: 0, text: (r: Report['routes'][number]) => wordMs(r.p99Ms) },
    { title: 'max', width: 10, from: 72, text: (r: Report['routes'][number]) => wordMs(r.maxMs) },
  ].filter((column) => paper.width >= column.from);
  const numbers = columns.reduce((sum, column) => sum + column.width, 0);
  const room = paper.width - 4 - numbers;
  const names = shown.map((r) => middle(paper.clean(r.route), room));
  const nameWidth = Math.min(room, Math.max(16, ...names.map(cells)));
  const head = `  ${padEnd('route', nameWidth)}${columns.map((column) => padStart(column.title, column.width)).join('')}`;
  const rows = shown.map((r, i) => {
    const name = padEnd(names[i]!, nameWidth);
    return `  ${accused.has(r.route) ? paper.tone('strong', name) : name}${columns
      .map((column) => {
        const text = padStart(column.text(r), column.width);
        return column.title === 'errors' && r.errors > 0 ? paper.tone('bad', text) : text;
      })
      .join('')}`;
  });
  const hidden = report.routes.length - shown.length;
  return [
    paper.tone('dim', head),
    ...rows,
    ...(hidden > 0 ? [paper.tone('dim', `  ${paper.sign.more} and ${wordCount(hidden)} more routes`)] : []),
  ];
}

/** Of a route's or all requests, 0..1. */
function errorShare(of: { count: number; errors: number }): number {
  return of.count > 0 ? of.errors / of.count : 0;
}
