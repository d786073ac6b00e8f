import { appendFileSync, closeSync, existsSync, openSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DdxError } from '../errors.js';
import type { Report } from '../model/report.js';
import { renderCpuProfile } from '../report/cpuprofile.js';
import { renderGithub } from '../report/github.js';
import { renderHtml } from '../report/html.js';
import { renderJson } from '../report/json.js';
import { renderJunit } from '../report/junit.js';
import { renderMarkdown } from '../report/markdown.js';
import { renderOtlp } from '../report/otlp.js';
import { renderPprof } from '../report/pprof.js';
import { renderSarif } from '../report/sarif.js';
import { renderSpeedscope } from '../report/speedscope.js';
import { renderTerminal } from '../report/terminal.js';
import { renderTrace } from '../report/trace.js';
import type { Arguments } from './arguments.js';
import { readAsset } from './assets.js';
import { exitCodeOf } from './exit-codes.js';
import { kindsOf, type OutputKind } from './output-kinds.js';
import type { OutputFile } from './values.js';

const RENDER: Record<OutputKind, (report: Report) => string | Uint8Array> = {
  html: pageOf,
  json: renderJson,
  md: renderMarkdown,
  sarif: (report) => renderSarif(report, (rule) => readAsset(`rules/${rule}.md`)),
  junit: renderJunit,
  github: renderGithub,
  pprof: renderPprof,
  speedscope: renderSpeedscope,
  cpuprofile: renderCpuProfile,
  trace: renderTrace,
  otlp: renderOtlp,
};

/** Kinds that say nothing without a CPU profile. */
const PROFILES: readonly OutputKind[] = ['pprof', 'cpuprofile'];

/** The report as one page. */
export function pageOf(report: Report): string {
  return renderHtml(report, readAsset('ui/index.html'));
}

/** Fails before long work is done, not after: each kind is one of the command's, each file can be written. Throws. */
export function checkOutputs(args: Arguments): void {
  const kinds = kindsOf(args.command.name);
  for (const { kind, path } of args.all<OutputFile>('output')) {
    if (!kinds.includes(kind))
      throw new DdxError('DDX_USAGE', `ddx ${args.command.name} can't write ${kind}.`, `--output takes ${kinds.join(', ')} here.`);
    checkWritable(path);
  }
}

/** Fails before long work is done, not after: opens the file, without touching what may be in it. Throws DDX_OUTPUT_UNWRITABLE. */
export function checkWritable(path: string): void {
  const full = resolve(path);
  const folder = dirname(full);
  const refuse = (why: string, next: string): never => {
    throw new DdxError('DDX_OUTPUT_UNWRITABLE', `${path} can't be written: ${why}.`, next);
  };
  if (!existsSync(folder)) refuse(`the folder ${folder} does not exist`, `Create it (mkdir -p ${folder}) or choose another path.`);
  const isNew = !existsSync(full);
  if (!isNew && statSync(full).isDirectory()) refuse('it is a folder', `Name a file in it, such as ${join(path, 'ddx-report')}.`);
  try {
    closeSync(openSync(full, 'a'));
    if (isNew) unlinkSync(full);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = { EACCES: 'permission denied', EROFS: 'the file system is read-only', ENOTDIR: `${folder} is no folder` }[code ?? ''];
    refuse(why ?? message, 'Choose a place that you may write to.');
  }
}

/** Files first, then the report on stdout. Returns the exit code. */
export function deliver(report: Report, args: Arguments, kept: readonly (readonly [label: string, path: string])[] = []): number {
  const outputs = args.all<OutputFile>('output');
  writeOutputs(report, outputs);
  tellGithub(report);
  const code = exitCodeOf(report);
  if (args.given('json')) process.stdout.write(renderJson(report));
  else {
    const files = [...outputs.map(({ kind, path }) => [kind, path] as const), ...kept];
    process.stdout.write(renderTerminal(report, { ...terminal(), ruledOut: args.given('ruled-out'), exitCode: code, files }));
  }
  return code;
}

export function writeOutputs(report: Report, outputs: readonly OutputFile[]): void {
  for (const { kind, path } of outputs) {
    writeFileSync(path, RENDER[kind](report));
    if (!report.profile && PROFILES.includes(kind))
      process.stderr.write(`ddx  ${path} holds no samples: at depth ${report.ddx.depth} no CPU profile was taken\n`);
  }
}

/** GitHub's limit for one step's summary. */
const LONGEST_SUMMARY_BYTES = 1 << 20;

/**
 * In GitHub Actions the findings become annotations, and the report the step's summary, without being asked for. On stderr, which the runner
 * reads as well: stdout may have to be JSON and nothing else.
 */
function tellGithub(report: Report): void {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = process.env;
  if (GITHUB_ACTIONS !== 'true') return;
  process.stderr.write(renderGithub(report));
  const summary = renderMarkdown(report);
  if (!GITHUB_STEP_SUMMARY || Buffer.byteLength(summary) > LONGEST_SUMMARY_BYTES) return;
  try {
    appendFileSync(GITHUB_STEP_SUMMARY, `${summary}\n`);
  } catch (error) {
    process.stderr.write(`ddx  the step's summary could not be written: ${(error as Error).message}\n`);
  }
}

/** What this terminal can show. NO_COLOR and FORCE_COLOR are obeyed (no-color.org, force-color.org). */
export function terminal(): { width: number; color: boolean; unicode: boolean } {
  const { env, stdout } = process;
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
  const color = env.NO_COLOR ? false : forced || (stdout.isTTY === true && env.TERM !== 'dumb');
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const unicode = process.platform === 'win32' ? Boolean(env.WT_SESSION) : !/^(C|POSIX)$|ISO-?8859/i.test(locale) && env.TERM !== 'linux';
  return { width: stdout.columns ?? 100, color, unicode };
}
