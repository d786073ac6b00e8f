import { writeFileSync } from 'node:fs';
import type { LoadResult } from '../../model/load-result.js';
import { renderLoadHtml } from '../../report/load/html.js';
import { renderLoadMarkdown } from '../../report/load/markdown.js';
import { renderLoadTerminal } from '../../report/load/terminal.js';
import type { Arguments } from '../arguments.js';
import { EXIT } from '../exit-codes.js';
import { terminal } from '../output.js';
import type { OutputKind } from '../output-kinds.js';
import type { OutputFile } from '../values.js';

const RENDER: Partial<Record<OutputKind, (result: LoadResult) => string>> = {
  html: renderLoadHtml,
  json: renderLoadJson,
  md: renderLoadMarkdown,
};

const EXITS: Record<LoadResult['verdict'], number> = {
  fine: EXIT.healthy,
  failures: EXIT.findings,
  'goal-missed': EXIT.findings,
  'no-answer': EXIT.targetFailed,
  inconclusive: EXIT.inconclusive,
};

/** Files first, then the result on stdout. Returns the exit code. */
export function deliverLoad(result: LoadResult, args: Arguments): number {
  const outputs = args.all<OutputFile>('output');
  for (const { kind, path } of outputs) writeFileSync(path, RENDER[kind]!(result));
  process.stdout.write(args.given('json') ? renderLoadJson(result) : renderLoadTerminal(result, terminal()));
  return result.window.endedBy === 'interrupted' ? EXIT.interrupted : EXITS[result.verdict];
}

function renderLoadJson(result: LoadResult): string {
  return `${JSON.stringify(result)}\n`;
}
