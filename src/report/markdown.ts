import { chainsOf, type Link } from '../model/chain.js';
import { costWords } from '../model/cost.js';
import { bucketWords, requestCount, sickestLedger, viewLedger } from '../model/ledger-view.js';
import { placeWords } from '../model/place.js';
import type { Finding, Report } from '../model/report.js';
import { runtimeWords } from '../model/target-words.js';
import { wordCount, wordFixed, wordMany, wordMs, wordRate, wordSeconds, wordShare } from '../model/wording.js';
import { codeBlock, codeSpan, prose, tableRow } from './markdown-text.js';

const VERDICTS: Record<Report['verdict'], string> = { sick: '✗ sick', healthy: '✓ healthy', inconclusive: '? not enough to say' };
const MOST_ROUTES = 15;

/** The report for a pull request, an issue or a coding agent: GitHub-flavoured Markdown, ends in a line feed. */
export function renderMarkdown(report: Report): string {
  const { requests, target, window } = report;
  const parts = [
    `## ddx: ${VERDICTS[report.verdict] ?? ''}`,
    `**${prose(report.summary)}**`,
    [
      codeSpan(target.command),
      prose(runtimeWords(report)),
      wordSeconds(window.durationS),
      `${wordCount(requests.count)} requests, ${wordCount(requests.errors)} errors`,
      `p50 ${wordMs(requests.p50Ms)}, p99 ${wordMs(requests.p99Ms)}`,
    ].join(' · '),
    ...report.warnings.map((warning) => `> ${prose(warning)}`),
    routesTable(report),
    ...(report.verdict === 'healthy' ? [] : [ledgerTable(report)]),
    ...chainsOf(report.findings).flatMap((link) => tree(link, 3)),
    ...folded(
      `In the nursery (${report.nursery.length}): hints of rules still on probation`,
      report.nursery.map((finding) => `- ${prose(finding.title)}${place(finding)}: ${prose(finding.summary)}`),
    ),
    ...folded(
      `Ruled out (${report.ruledOut.length})`,
      report.ruledOut.map(({ rule, because }) => `- ${codeSpan(rule)} ${prose(because)}`),
    ),
    ...folded(
      `Not examined (${report.notExamined.length})`,
      report.notExamined.map(
        ({ rule, because, enable }) => `- ${codeSpan(rule)} ${prose(because)}${enable === undefined ? '' : ` → ${prose(enable)}`}`,
      ),
    ),
    `<sub>ddx ${prose(report.ddx.version)}, depth ${prose(report.ddx.depth)}: ${prose(report.ddx.overhead.says)}</sub>`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** One finding on its own, without what follows from it: what a "copy" button gives. `level`: of its heading, 1..6. */
export function findingMarkdown(finding: Finding, level = 3): string {
  const facts = [
    codeSpan(finding.rule),
    ...(finding.kind === undefined ? [] : [codeSpan(finding.kind)]),
    `${finding.role.replace('-', ' ')}, confidence ${Number.isFinite(finding.confidence) ? finding.confidence.toFixed(2) : 'unknown'}`,
    costWords(finding),
    ...(finding.route === undefined ? [] : [codeSpan(finding.route)]),
  ].join(' · ');
  return [
    `${'#'.repeat(Math.max(1, Math.min(6, level)))} ${prose(finding.title)}`,
    facts,
    prose(finding.summary),
    ...frame(finding),
    finding.evidence.map((evidence) => `- ${prose(evidence.says)}`).join('\n'),
    ...(finding.suffers && finding.suffers.length > 0
      ? [
          `Suffers: ${finding.suffers.slice(0, 10).map(codeSpan).join(', ')}${finding.suffers.length > 10 ? ` and ${finding.suffers.length - 10} more` : ''}`,
        ]
      : []),
    ...finding.fixes.flatMap((fix) => [
      `**Fix:** ${prose(fix.says)}`,
      ...(fix.code ? [codeBlock(fix.code, finding.location?.file)] : []),
      ...(fix.prediction
        ? [
            `Predicted: ${prose(fix.prediction.metric)} ${wordMs(fix.prediction.fromMs)} → ${wordMs(fix.prediction.toMs)} (90 % interval ${wordMs(fix.prediction.lowMs)} to ${wordMs(fix.prediction.highMs)})`,
          ]
        : []),
    ]),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function tree(link: Link, level: number): string[] {
  const sign = link.finding.role === 'consequence' ? 'Follows: ' : link.finding.role === 'contributing' ? 'Contributing: ' : '';
  const own = findingMarkdown({ ...link.finding, title: `${sign}${link.finding.title}` }, level);
  return [own, ...link.effects.flatMap((effect) => tree(effect, level + 1))];
}

function frame(finding: Finding): string[] {
  const location = finding.location;
  if (!location) return [];
  const where = `${codeSpan(placeWords(location))}${location.function ? ` in ${codeSpan(location.function)}` : ''}`;
  const lines = location.frame?.lines;
  if (!location.frame || !lines || lines.length === 0) return [where];
  const first = location.frame.firstLine;
  const digits = String(first + lines.length - 1).length;
  const marked = lines.map(
    (line, i) => `${first + i === location.frame!.highlight ? '>' : ' '} ${String(first + i).padStart(digits)} | ${line}`,
  );
  return [`${where}\n\n${codeBlock(marked.join('\n'), location.file)}`];
}

function routesTable(report: Report): string {
  if (report.routes.length === 0) return '';
  const shown = [...report.routes].sort((a, b) => b.count - a.count).slice(0, MOST_ROUTES);
  const hidden = report.routes.length - shown.length;
  return [
    tableRow(['route', 'req/s', 'errors', 'p50', 'p99', 'max']),
    '|:--|--:|--:|--:|--:|--:|',
    ...shown.map((r) =>
      tableRow([
        codeSpan(r.route),
        wordRate(r.rps),
        r.errors > 0 ? wordShare(r.errors / r.count) : '0',
        wordMs(r.p50Ms),
        wordMs(r.p99Ms),
        wordMs(r.maxMs),
      ]),
    ),
    ...(hidden > 0 ? ['', `and ${wordMany(hidden, 'more route')}`] : []),
  ].join('\n');
}

function ledgerTable(report: Report): string {
  const sickest = sickestLedger(report);
  if (!sickest) return '';
  const view = viewLedger(sickest.ledger);
  const route = sickest.route === 'overall' ? 'all routes' : codeSpan(sickest.route);
  return [
    `**Where the time goes:** ${route}, ${bucketWords(sickest.bucket, sickest.ledger.requests, requestCount(report, sickest.route))}`,
    '',
    tableRow(['account', 'time', 'share', 'mostly']),
    '|:--|--:|--:|:--|',
    ...view.rows.map((row) =>
      tableRow([
        row.name,
        `${wordFixed(row.units, view.decimals)} ms`,
        `${row.percent} %`,
        row.details[0] ? codeSpan(row.details[0].text) : '',
      ]),
    ),
    tableRow(['**measured**', `**${wordFixed(view.units, view.decimals)} ms**`, '100 %', '']),
  ].join('\n');
}

function place(finding: Finding): string {
  return finding.location ? ` (${codeSpan(placeWords(finding.location))})` : '';
}

function folded(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`<details><summary>${title}</summary>\n\n${lines.join('\n')}\n\n</details>`];
}
