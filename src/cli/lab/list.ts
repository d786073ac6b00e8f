import { RULES } from '../../../rules/index.js';
import { unmetNeed } from '../../lab/needs.js';
import type { Scenario } from '../../lab/scenario.js';
import { wordMany } from '../../model/wording.js';
import { type Paper, paperOf } from '../../report/terminal/paper.js';
import { padEnd, wrap } from '../../report/text.js';
import type { Arguments } from '../arguments.js';
import { terminal } from '../output.js';
import { allScenarios } from './choose.js';

const AREAS: Record<string, string> = { healthy: 'healthy   they look ill and are well', chaos: 'chaos   several illnesses at once' };

/** `ddx lab list`: what can be run here, and what each is about. */
export function list(args: Arguments): number {
  const scenarios = allScenarios();
  if (args.given('json')) {
    const rows = scenarios.map(({ id, title, causes, needs }) => ({ id, title, causes, stage: stageOf(id), unmet: unmetNeed(needs) }));
    process.stdout.write(`${JSON.stringify({ schemaVersion: 1, scenarios: rows }, null, 2)}\n`);
    return 0;
  }
  const paper = paperOf(terminal());
  const areas = [...new Set(scenarios.map(({ id }) => areaOf(id)))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const width = Math.max(...scenarios.map(({ id }) => nameOf(id).length)) + 3;
  const lines = areas.flatMap((area) => [
    `  ${paper.tone('strong', AREAS[area] ?? area)}`,
    ...scenarios.filter(({ id }) => areaOf(id) === area).flatMap((scenario) => entry(scenario, width, paper)),
    '',
  ]);
  const ill = scenarios.filter(({ rule }) => rule !== null);
  const kinds = ill.reduce((sum, { causes }) => sum + causes.length, 0);
  const summary = `${wordMany(ill.length, 'illness', 'illnesses')} with ${kinds} causes, on six frameworks, in JavaScript and TypeScript: a new server for each --seed.`;
  process.stdout.write(
    [
      '',
      ...lines,
      ...wrap(summary, paper.width - 4).map((line) => `  ${paper.tone('dim', line)}`),
      `  ${paper.tone('dim', 'Begin with:')} ddx lab ${nameOf('runtime/event-loop-blocked')}`,
      '',
      '',
    ].join('\n'),
  );
  return 0;
}

function entry({ id, title, causes, needs }: Scenario, width: number, paper: Paper): string[] {
  const unmet = unmetNeed(needs);
  const notes = [
    ...(causes.length > 1 && !id.startsWith('healthy/') ? [`${causes.length} causes`] : []),
    ...(stageOf(id) === 'nursery' ? ['rule on probation'] : []),
  ];
  const name = paper.tone(unmet ? 'dim' : 'code', padEnd(nameOf(id), width));
  const text = wrap(title, Math.min(100, paper.width - width - 6));
  const indent = ' '.repeat(width + 4);
  return [
    `    ${name}${text[0]}`,
    ...text.slice(1).map((line) => indent + line),
    ...(notes.length > 0 ? [indent + paper.tone('dim', notes.join(', '))] : []),
    ...(unmet ? [indent + paper.tone('warn', `not here: ${unmet}`)] : []),
  ];
}

function stageOf(id: string): string | null {
  return RULES.find((rule) => rule.id === id)?.stage ?? null;
}

/** Illnesses first. */
function rank(area: string): number {
  return { healthy: 1, chaos: 2 }[area] ?? 0;
}

const areaOf = (id: string): string => id.split('/')[0]!;
const nameOf = (id: string): string => id.split('/')[1]!;
