import { writeFileSync } from 'node:fs';
import { RULES } from '../../rules/index.js';
import { DdxError } from '../errors.js';
import { renderExplanationHtml } from '../report/explain/page.js';
import { renderExplanation } from '../report/explain/terminal.js';
import type { Arguments } from './arguments.js';
import { distance } from './arguments.js';
import { readAsset } from './assets.js';
import { checkOutputs, terminal } from './output.js';
import type { OutputFile } from './values.js';

/** `ddx explain [rule]`: the list of rules, or one rule's page. */
export function explain(args: Arguments): number {
  const [wanted] = args.words;
  checkOutputs(args);
  if (!wanted) {
    if (args.given('output'))
      throw new DdxError('DDX_USAGE', 'Which rule is to be written?', 'For example: ddx explain memory/heap-leak --output html=leak.html');
    process.stdout.write(list());
    return 0;
  }
  const matching = RULES.filter(({ id }) => id === wanted || id.split('/')[1] === wanted);
  if (matching.length !== 1) throw unknownRule(wanted);
  const page = readAsset(`rules/${matching[0]!.id}.md`);
  const outputs = args.all<OutputFile>('output');
  for (const { kind, path } of outputs) writeFileSync(path, kind === 'html' ? renderExplanationHtml(page) : page);
  if (outputs.length === 0) process.stdout.write(renderExplanation(page, terminal()));
  else for (const { kind, path } of outputs) process.stderr.write(`ddx  wrote ${path} (${kind})\n`);
  return 0;
}

function list(): string {
  const width = Math.max(...RULES.map(({ id }) => id.length));
  const rows = [...RULES]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, title, stage }) => `  ${id.padEnd(width)}  ${title}${stage === 'stable' ? '' : ` (${stage})`}`);
  return `${rows.join('\n')}\n\n  ddx explain <rule> shows one\n`;
}

function unknownRule(wanted: string): DdxError {
  const near = RULES.map(({ id }) => ({ id, far: Math.min(distance(wanted, id), distance(wanted, id.split('/')[1]!)) })).sort(
    (a, b) => a.far - b.far,
  )[0];
  const hint = near && near.far <= 6 ? `Did you mean ${near.id}? ` : '';
  return new DdxError('DDX_UNKNOWN_RULE', `There is no rule "${wanted}".`, `${hint}ddx explain lists all of them.`);
}
