import type { Part, PartScore } from '../src/lab/parts.js';
import { type ToolScore, toolScores } from '../src/lab/tools/tool-scores.js';
import { wilson } from '../src/lab/wilson.js';
import type { Scores } from './scores.js';

const BEGIN = '<!-- lab:begin, written by `npm run generate` from rules/scores.json -->';
const END = '<!-- lab:end -->';

/** docs/accuracy.md with the lab's section in it, at its place or at the end; everything else is left alone. */
export function withLabSection(page: string | null, scores: Scores | null): string {
  const text = page ?? '# Accuracy\n';
  const section = `${BEGIN}\n\n${sectionOf(scores)}\n${END}`;
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) return `${text.trimEnd()}\n\n${section}\n`;
  return text.slice(0, from) + section + text.slice(to + END.length);
}

function sectionOf(scores: Scores | null): string {
  const head = `## How often the diagnosis is right

\`ddx lab score\` starts real servers drawn by seed, sick and healed, and healthy ones that look ill, each under load with the real
\`ddx run\`, and compares the report with what is known to be wrong. Where ddx says that it can't tell, a run is done again, twice at most; where it is
wrong, never. Intervals are Wilson's, 95 %.
`;
  if (!scores) return `${head}\nNothing has been scored yet.\n`;
  const { card } = scores;
  const zooRuns = card.zoo.reduce((sum, { runs }) => sum + runs, 0);
  const silent = card.zoo.reduce((sum, row) => sum + row.silent, 0);
  return `${head}
${card.runs} runs of ddx at ${card.commit}, on ${card.machines.join('; ')}. Per rule: [rules/README.md](../rules/README.md).

### Taken for something else

Rows: what was wrong. A cell counts runs in which the column's illness was called a root cause.

${confusionTable(scores)}

Healthy zoo: silent in ${silent} of ${zooRuns} runs of ${card.zoo.length} members. ${card.sameServer
    .map(
      ({ scenario, seed, runs, alarms }) =>
        `One server again and again (${scenario}, seed ${seed}): ${alarms} false alarms in ${runs} runs.`,
    )
    .join(' ')} ${
    card.composed.runs > 0
      ? `Servers with two or three illnesses: ${card.composed.found} of ${card.composed.illnesses} named in ${card.composed.runs} runs, ${card.composed.blamed.length} times something else as well.`
      : ''
  }

### What the next unknown server will meet

Each row against all runs without it: a value that does markedly worse shows where the rules fit the scenarios and not the illness.

${(['framework', 'language', 'noise', 'node', 'cause'] as const).map((part) => partTable(part, card.parts[part])).join('\n\n')}

### Beside other tools

The same servers under the same load. Clinic Doctor names one of four categories: right is one whose recommendation leads to the
illness (\`event-loop\`: blocked loop; \`gc\`: leak, pressure; \`io\`: slow service, starved pool). \`--cpu-prof\` is right where the function
with most self time (what Node does for it included) lies in a guilty file, or the collector leads and memory is ill; it has no way to say that nothing is wrong.

${toolsTable(scores)}
`;
}

function confusionTable({ card }: Scores): string {
  const columns = [...card.rules.map(({ rule }) => rule), 'nothing', 'inconclusive'] as const;
  const truths = [...card.rules.map(({ rule }) => rule), 'healthy' as const].filter((truth) => card.confusion[truth]);
  return markdown(
    ['', ...columns.map(shortName)],
    truths.map((truth) => [truth, ...columns.map((named) => `${card.confusion[truth]?.[named] ?? ''}`)]),
  );
}

function partTable(part: Part, rows: readonly PartScore[]): string {
  return markdown(
    [part, 'found', '95 %', 'found elsewhere', 'false alarms when healthy'],
    rows.map(({ value, found, sickRuns, foundWithout, sickRunsWithout, falseAlarms, healthyRuns }) => [
      value,
      `${found}/${sickRuns}`,
      interval(found, sickRuns),
      `${foundWithout}/${sickRunsWithout}`,
      `${falseAlarms}/${healthyRuns}`,
    ]),
  );
}

function toolsTable({ card, book }: Scores): string {
  const tools = [...new Set(book.tools.map(({ tool }) => tool))].sort();
  if (tools.length === 0) return 'No other tool has been asked yet.';
  const byTool = new Map(tools.map((tool) => [tool, toolScores(book.tools.filter((run) => run.tool === tool))]));
  const families = [...card.rules.map(({ rule }) => rule as string), 'healthy'];
  const alarms = (row: ToolScore | undefined) => (row && row.healthyRuns > 0 ? `, ${row.falseAlarms}/${row.healthyRuns} false alarms` : '');
  const cell = (row: ToolScore | undefined) =>
    row === undefined
      ? ''
      : (row.sickRuns > 0 ? `${row.right}/${row.sickRuns} right, ${row.wrong} wrong, ${row.silent} silent` : '-') + alarms(row);
  const ours = (family: string) => {
    const rule = card.rules.find((one) => one.rule === family);
    if (rule)
      return `${rule.found}/${rule.sickRuns} right, ${rule.missed} wrong or silent, ${rule.falseAlarms.twin.alarms}/${rule.falseAlarms.twin.runs} false alarms`;
    return `${card.zoo.reduce((sum, row) => sum + row.alarms.length, 0)}/${card.zoo.reduce((sum, row) => sum + row.runs, 0)} false alarms`;
  };
  return markdown(
    ['', 'ddx', ...tools],
    families.map((family) => [
      family,
      ours(family),
      ...tools.map((tool) => cell(byTool.get(tool)!.find(({ scenario }) => scenario === family))),
    ]),
  );
}

function interval(hits: number, of: number): string {
  if (of === 0) return '';
  const [low, high] = wilson(hits, of);
  return `${low.toFixed(2)} to ${high.toFixed(2)}`;
}

const shortName = (name: string): string => name.replace(/^.*\//, '');

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
