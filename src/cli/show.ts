import { readdirSync, statSync } from 'node:fs';
import { RULES } from '../../rules/index.js';
import { diagnose } from '../diagnose/report.js';
import { DdxError } from '../errors.js';
import { readRecording } from '../recording/reader.js';
import type { Arguments } from './arguments.js';
import { checkOutputs, deliver, pageOf, writeOutputs } from './output.js';
import { openPage, servePage } from './show-page.js';
import type { OutputFile } from './values.js';

/** `ddx show [file]`: the report of a recording; without a name of the newest .ddx in this folder. Returns the exit code. */
export async function show(args: Arguments): Promise<number> {
  const file = fileOf(args);
  checkOutputs(args);
  const report = diagnose(readRecording(file), RULES);
  const code = deliver(report, args);
  if (args.given('open')) await openPage(pageOf(report));
  if (args.given('serve')) await servePage(pageOf(report), untilInterrupted());
  return code;
}

function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

/** `ddx export file --output kind=path`: only the files, nothing on stdout. */
export function exportReport(args: Arguments): number {
  if (args.words.length === 0)
    throw new DdxError('DDX_USAGE', 'export needs a recording.', 'For example: ddx export slow.ddx --output html=report.html');
  if (args.all('output').length === 0)
    throw new DdxError('DDX_USAGE', 'export needs at least one --output.', 'For example: --output html=report.html');
  checkOutputs(args);
  const outputs = args.all<OutputFile>('output');
  const report = diagnose(readRecording(fileOf(args)), RULES);
  writeOutputs(report, outputs);
  for (const { kind, path } of outputs) process.stderr.write(`ddx  wrote ${path} (${kind})\n`);
  return 0;
}

function fileOf(args: Arguments): string {
  if (args.words.length > 1)
    throw new DdxError(
      'DDX_USAGE',
      `${args.command.name} takes one recording, but got ${args.words.length}.`,
      `For example: ddx ${args.command.name} ${args.words[0]}`,
    );
  const [given] = args.words;
  if (given) return given;
  const [newest] = readdirSync('.')
    .filter((name) => name.endsWith('.ddx'))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (!newest)
    throw new DdxError(
      'DDX_RECORDING_MISSING',
      'There is no .ddx file in this folder.',
      'Make one: ddx run --out first.ddx --rate 50 -- node server.js',
    );
  return newest;
}
