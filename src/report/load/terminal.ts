import type { LoadResult } from '../../model/load-result.js';
import { wordCount, wordMs, wordRate, wordShare } from '../../model/wording.js';
import { type Paper, paperOf, type TerminalOptions, toAsciiCells } from '../terminal/paper.js';
import { joined, middle, padEnd, padStart, wrap } from '../text.js';
import { errorWords, generatorWords, goalWords, LATENCY_COLUMNS, latencyWords, setupWords, statusWords, throughputWords } from './words.js';

const MOST_ROUTES = 12;
const CELL = 9;
const LABEL = 11;

/** The result of a load for people at a terminal; ends in a line feed. */
export function renderLoadTerminal(result: LoadResult, options: TerminalOptions): string {
  const paper = paperOf(options);
  const lines = [
    '',
    ...joined([paper.clean(result.url), setupWords(result)], '  ', paper.width - 2).map((line) => `  ${line}`),
    '',
    ...verdictLines(result, paper),
    '',
    ...latencyTable(result, paper),
    ...labelled('answers', [throughputWords(result), statusWords(result)], paper),
    ...labelled('errors', [errorWords(result.requests.errors)], paper),
    ...labelled('generator', generatorWords(result), paper),
    ...goalLines(result, paper),
    ...checkLines(result, paper),
    ...kneeLines(result, paper),
    ...result.notes.flatMap((note) => [
      '',
      ...wrap(paper.clean(note), paper.width - 4).map((line, i) => `  ${i === 0 ? `${paper.sign.point} ` : '  '}${line}`),
    ]),
    '',
  ];
  const text = `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  return options.unicode ? text : toAsciiCells(text);
}

function verdictLines({ verdict, summary }: LoadResult, { tone, sign, clean, width }: Paper): string[] {
  const mark =
    verdict === 'fine' ? tone('good', sign.good) : verdict === 'inconclusive' ? tone('warn', sign.unsure) : tone('bad', sign.bad);
  return wrap(clean(summary), width - 4).map((line, i) => `  ${i === 0 ? mark : ' '} ${tone('strong', line)}`);
}

function latencyTable({ requests, routes }: LoadResult, { clean, tone, width }: Paper): string[] {
  const room = Math.max(LABEL, Math.min(40, width - 2 - CELL * (LATENCY_COLUMNS.length + 2)));
  const head = padEnd('', room) + ['requests', ...LATENCY_COLUMNS].map((name) => padStart(name, CELL)).join('');
  const row = (name: string, one: LoadResult['requests']): string =>
    padEnd(middle(name, room - 1), room) + [wordCount(one.due), ...latencyWords(one)].map((text) => padStart(text, CELL)).join('');
  const some = routes.slice(0, MOST_ROUTES);
  return [
    `  ${tone('dim', head)}`,
    `  ${row('all', requests)}`,
    ...(routes.length > 1
      ? some.map((route) => `  ${row(clean(route.route), route)}${route.failed > 0 ? `  ${tone('bad', errorWords(route.errors))}` : ''}`)
      : []),
    ...(routes.length > some.length ? [`  ${tone('dim', `and ${routes.length - some.length} more routes`)}`] : []),
    '',
  ];
}

function labelled(label: string, parts: string[], { tone, width, sign }: Paper): string[] {
  const said = parts.filter((part) => part !== '');
  if (said.length === 0) return [];
  return joined(said, ` ${sign.sep} `, width - LABEL - 2).map((line, i) => `  ${tone('dim', padEnd(i === 0 ? label : '', LABEL))}${line}`);
}

function goalLines({ goals }: LoadResult, { tone, sign }: Paper): string[] {
  return goals.map((goal, i) => {
    const mark = goal.met ? tone('good', sign.good) : tone('bad', sign.bad);
    return `  ${tone('dim', padEnd(i === 0 ? 'goals' : '', LABEL))}${mark} ${goalWords(goal)}`;
  });
}

function checkLines({ checks }: LoadResult, { tone, sign, clean }: Paper): string[] {
  return checks.map(({ check, passed, failed }, i) => {
    const mark = failed === 0 ? tone('good', sign.good) : tone('bad', sign.bad);
    const share = failed === 0 ? '' : `, failed ${wordCount(failed)} (${wordShare(failed / (passed + failed))})`;
    return `  ${tone('dim', padEnd(i === 0 ? 'checks' : '', LABEL))}${mark} ${clean(check)}: held ${wordCount(passed)}${share}`;
  });
}

function kneeLines({ knee }: LoadResult, { tone, sign, clean }: Paper): string[] {
  if (!knee) return [];
  const head = ['rate', 'answered', 'p50', 'p99', 'failed'].map((name) => padStart(name, CELL)).join('');
  return [
    '',
    `  ${tone('dim', head)}`,
    ...knee.steps.map(({ ratePerS, reachedPerS, p50Ms, p99Ms, failed, met, because }) => {
      const cells = [wordRate(ratePerS), wordRate(reachedPerS), wordMs(p50Ms), wordMs(p99Ms), wordCount(failed)];
      return `  ${cells.map((cell) => padStart(cell, CELL)).join('')}  ${met ? tone('good', sign.good) : `${tone('bad', sign.bad)} ${clean(because)}`}`;
    }),
  ];
}
