import type { PartScore } from '../../lab/parts.js';
import type { RunResult } from '../../lab/run.js';
import type { ToolRun } from '../../lab/score-book.js';
import type { Scorecard } from '../../lab/scorecard.js';
import { toolScores } from '../../lab/tools/tool-scores.js';
import { wilson } from '../../lab/wilson.js';
import { wordMany } from '../../model/wording.js';

/** One run on one line, with what is needed to look into a bad one. */
export function runLine({ member, outcome, rightLine, said, blamed, nursery, report, seconds, failure, dir }: RunResult): string {
  const name = `${member.scenario.id} #${member.seed} ${member.sick ? 'sick' : 'well'}`;
  const notes = [
    rightLine === false ? `line ${said ?? 'missing'}` : '',
    blamed.length > 0 ? `blamed ${blamed.join(' ')}` : '',
    nursery.length > 0 ? `nursery ${nursery.join(' ')}` : '',
    outcome === 'inconclusive' ? (report?.summary ?? '') : failure.trim(),
    report ? `p50 ${report.requests.p50Ms.toFixed(1)} p99 ${report.requests.p99Ms.toFixed(0)} ms` : '',
    dir ?? '',
  ];
  return [`${outcome.padEnd(12)} ${name.padEnd(46)} ${seconds.toFixed(0)} s  ${member.flavour}`, ...notes.filter(Boolean)].join(' | ');
}

/** The tables for people. `left`: runs of the campaign that were not done. */
export function scoreTables(card: Scorecard, left: number): string {
  const { zoo, composed, sameServer } = card;
  const silent = zoo.reduce((sum, row) => sum + row.silent, 0);
  const zooRuns = zoo.reduce((sum, row) => sum + row.runs, 0);
  const loud = zoo.filter(({ alarms }) => alarms.length > 0);
  return [
    '',
    table(
      ['rule', 'earns', 'found', 'recall 95 %', 'inconcl.', 'right line', 'twin', 'zoo', 'others', 'also or instead blamed'],
      card.rules.map((rule) => [
        rule.rule,
        rule.stage,
        `${rule.found}/${rule.sickRuns}`,
        rule.sickRuns > 0 ? `${rule.recallLow.toFixed(2)}-${rule.recallHigh.toFixed(2)}` : '',
        `${rule.inconclusive}`,
        `${rule.rightLine}/${rule.linesJudged}`,
        ...(['twin', 'zoo', 'others'] as const).map((where) => `${rule.falseAlarms[where].alarms}/${rule.falseAlarms[where].runs}`),
        Object.entries(rule.blamedElsewhere)
          .map(([id, times]) => `${id} ${times}x`)
          .join(', '),
      ]),
    ),
    ...card.rules.filter(({ lacks }) => lacks.length > 0).map(({ rule, lacks }) => `  ${rule}: ${lacks.join('; ')}`),
    '',
    matrixText(card),
    '',
    `healthy zoo: ${silent} of ${wordMany(zooRuns, 'run')} silent, ${zoo.length} members${loud.length > 0 ? '; alarms' : ''}`,
    ...loud.map(({ scenario, alarms }) => `  ${scenario}: ${alarms.join(' ')}`),
    ...sameServer.map(
      ({ scenario, seed, runs, alarms }) => `one server again and again: ${scenario} #${seed}, ${runs} runs, ${alarms} false alarms`,
    ),
    ...(composed.runs > 0
      ? [
          `composed: ${composed.found} of ${composed.illnesses} illnesses named in ${composed.runs} servers, ${composed.blamed.length} other blamed`,
        ]
      : []),
    '',
    ...(['framework', 'language', 'noise', 'node', 'cause'] as const).flatMap((part) => [partText(part, card.parts[part]), '']),
    `${card.runs} runs, ${(card.seconds / 60).toFixed(0)} minutes${left > 0 ? `; ${left} left` : ''}`,
    '',
  ].join('\n');
}

/** What another tool said of the same servers. */
export function toolTable(tool: string, runs: readonly ToolRun[], left: number): string {
  const rows = toolScores(runs).map(({ scenario, sickRuns, right, wrong, silent, healthyRuns, falseAlarms, failed }) => [
    scenario,
    `${right}/${sickRuns}`,
    `${wrong}`,
    `${silent}`,
    `${falseAlarms}/${healthyRuns}`,
    `${failed}`,
  ]);
  const head = [tool, 'right', 'wrong', 'silent', 'false alarms', 'failed'];
  return `\n${table(head, rows)}\n${left > 0 ? `\n${left} left\n` : ''}`;
}

function partText(part: string, rows: readonly PartScore[]): string {
  return table(
    [part, 'found', '95 %', 'all others', 'false alarms'],
    rows.map(({ value, found, sickRuns, foundWithout, sickRunsWithout, falseAlarms, healthyRuns }) => [
      value,
      `${found}/${sickRuns}`,
      sickRuns > 0 ? interval(found, sickRuns) : '',
      `${foundWithout}/${sickRunsWithout}`,
      `${falseAlarms}/${healthyRuns}`,
    ]),
  );
}

/** Rows: what is wrong. Columns, by letter: what was named. */
function matrixText({ confusion, rules }: Scorecard): string {
  const columns = [...rules.map(({ rule }) => rule), 'nothing', 'inconclusive'] as const;
  const rows = [...rules.map(({ rule }) => rule), 'healthy' as const].filter((truth) => confusion[truth]);
  return table(
    ['what is wrong, what was named', ...columns.map((name, i) => (i < rules.length ? letter(i) : name))],
    rows.map((truth) => [
      truth === 'healthy' ? truth : `${letter(rules.findIndex(({ rule }) => rule === truth))} ${truth}`,
      ...columns.map((name) => `${confusion[truth]?.[name] ?? ''}`),
    ]),
  );
}

const letter = (i: number): string => String.fromCharCode(65 + i);

function interval(hits: number, of: number): string {
  return wilson(hits, of)
    .map((share) => share.toFixed(2))
    .join('-');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
