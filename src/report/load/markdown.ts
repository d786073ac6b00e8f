import type { LoadResult } from '../../model/load-result.js';
import { wordCount, wordMs, wordRate } from '../../model/wording.js';
import { codeSpan, prose, tableRow } from '../markdown-text.js';
import { errorWords, generatorWords, goalWords, LATENCY_COLUMNS, latencyWords, setupWords, statusWords, throughputWords } from './words.js';

const MOST_ROUTES = 30;

/** The result of a load for a pull request or an issue: GitHub-flavoured Markdown, ends in a line feed. */
export function renderLoadMarkdown(result: LoadResult): string {
  const { url, verdict, summary, requests, routes, goals, checks, knee, notes, ddx } = result;
  const columns = ['', 'requests', ...LATENCY_COLUMNS, 'errors'];
  const row = (name: string, one: LoadResult['requests']): string =>
    tableRow([name, wordCount(one.due), ...latencyWords(one), errorWords(one.errors) || '0']);
  const parts = [
    `## ddx load: ${verdict === 'fine' ? '✓' : verdict === 'inconclusive' ? '?' : '✗'} ${verdict.replace('-', ' ')}`,
    `**${prose(summary)}**`,
    `${codeSpan(url)} · ${prose(setupWords(result))}`,
    [
      tableRow(columns),
      tableRow(columns.map((_, i) => (i === 0 ? '---' : '---:'))),
      row('all', requests),
      ...(routes.length > 1 ? routes.slice(0, MOST_ROUTES).map((route) => row(codeSpan(route.route), route)) : []),
    ].join('\n'),
    `${throughputWords(result)} · statuses: ${statusWords(result) || 'none'}`,
    `Generator: ${generatorWords(result).join(' · ')}`,
    goals.map((goal) => `- ${goal.met ? '✓' : '✗'} ${prose(goalWords(goal))}`).join('\n'),
    checks
      .map(
        ({ check, passed, failed }) =>
          `- ${failed === 0 ? '✓' : '✗'} ${prose(check)}: held ${wordCount(passed)}, failed ${wordCount(failed)}`,
      )
      .join('\n'),
    knee
      ? [
          tableRow(['rate', 'answered', 'p50', 'p99', 'failed', 'goals']),
          tableRow(['---:', '---:', '---:', '---:', '---:', '---']),
          ...knee.steps.map((step) =>
            tableRow([
              wordRate(step.ratePerS),
              wordRate(step.reachedPerS),
              wordMs(step.p50Ms),
              wordMs(step.p99Ms),
              wordCount(step.failed),
              step.met ? '✓' : `✗ ${prose(step.because)}`,
            ]),
          ),
        ].join('\n')
      : '',
    ...notes.map((note) => `> ${prose(note)}`),
    `<sub>ddx ${prose(ddx.version)}; latencies count from the moment each request was due</sub>`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
