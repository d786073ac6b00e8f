import { RULES } from '../../rules/index.js';
import { type CaptureOptions, type CaptureProgress, capture } from '../capture/capture.js';
import { diagnose } from '../diagnose/report.js';
import { DdxError } from '../errors.js';
import { parsePath } from '../load/parse-path.js';
import type { Depth } from '../model/options.js';
import { wordMs } from '../model/wording.js';
import type { Target } from '../target/launch.js';
import { killTarget } from '../target/stop.js';
import type { Arguments } from './arguments.js';
import { assetPath } from './assets.js';
import { EXIT } from './exit-codes.js';
import { tellFailure } from './failure.js';
import { checkWritable, deliver } from './output.js';
import { createProgress, type Progress } from './progress.js';
import type { OutputFile } from './values.js';
import { VERSION } from './version.js';

const DEFAULT_DURATION_MS = 15_000;
const DEFAULT_WARMUP_MS = 3_000;
const DEFAULT_STARTUP_MS = 30_000;

/** `ddx run`: start, load, record, diagnose, report. Returns the exit code. */
export async function run(args: Arguments): Promise<number> {
  if (args.rest.length === 0) throw missingCommand(args);
  if (args.words.length > 0)
    throw new DdxError(
      'DDX_USAGE',
      `"${args.words[0]}" stands before "--".`,
      `The command to run goes behind it: ddx run [options] -- ${args.words.join(' ')}`,
    );
  const out = args.get<string>('out');
  if (out) checkWritable(out);
  for (const { path } of args.all<OutputFile>('output')) checkWritable(path);
  const progress = createProgress();
  const options = optionsOf(args, out ?? null);
  const interrupts = watchInterrupts(progress);
  try {
    const { recording, stopped } = await capture(
      { ...options, interrupt: interrupts.signal },
      {
        phase: (phase) => progress.phase(phase),
        note: (text) => progress.note(text),
        progress: (seen) => progress.status(statusOf(seen, options)),
        launched: (target) => interrupts.watch(target),
      },
    );
    progress.phase('diagnosing');
    const report = diagnose(recording, RULES);
    progress.done();
    const code = deliver(report, args, out ? [['recording', out]] : []);
    await stopped;
    return code;
  } finally {
    progress.done();
    interrupts.stop();
  }
}

/** "12 of 33 s  600 requests  50/s  p99 12 ms" */
function statusOf(
  { elapsedS, requests, errors, p99Ms }: CaptureProgress,
  { warmupS, durationS }: Pick<CaptureOptions, 'warmupS' | 'durationS'>,
): string {
  return [
    durationS === null ? `${elapsedS.toFixed(0)} s` : `${elapsedS.toFixed(0)} of ${(warmupS + durationS).toFixed(0)} s`,
    `${requests} requests`,
    ...(requests > 0 ? [`${(requests / elapsedS).toFixed(0)}/s`] : []),
    ...(errors > 0 ? [`${errors} failed`] : []),
    ...(p99Ms !== null && requests > 0 ? [`p99 ${wordMs(p99Ms)}`] : []),
  ].join('  ');
}

function optionsOf(args: Arguments, out: string | null): Omit<CaptureOptions, 'interrupt'> {
  const rate = args.get<number>('rate');
  const connections = args.get<number>('connections');
  const paths = args.all<string>('path');
  if (rate !== undefined && connections !== undefined)
    throw new DdxError(
      'DDX_USAGE',
      '--rate and --connections exclude each other.',
      'Give --rate for an open loop (recommended), --connections for a closed one.',
    );
  if (paths.length > 0 && rate === undefined && connections === undefined)
    throw new DdxError(
      'DDX_USAGE',
      '--path says what to ask for, but not how often.',
      'Add --rate 50 (requests per second) or --connections 10.',
    );
  const loaded = rate !== undefined || connections !== undefined;
  const durationMs = args.get<number>('for') ?? (loaded ? DEFAULT_DURATION_MS : undefined);
  if (durationMs === 0) throw new DdxError('DDX_USAGE', '--for 0 records nothing.', '--for takes a duration such as 30s.');
  return {
    command: args.rest,
    cwd: process.cwd(),
    depth: args.get<Depth>('depth') ?? 'standard',
    out,
    ddxVersion: VERSION,
    preload: assetPath('probe/preload.cjs'),
    load: loaded
      ? {
          requests: (paths.length > 0 ? paths : ['/']).map(parsePath),
          arrivals: rate !== undefined ? { kind: 'open', ratePerS: rate } : { kind: 'closed', connections: connections! },
        }
      : null,
    durationS: durationMs === undefined ? null : durationMs / 1000,
    warmupS: (args.get<number>('warmup') ?? (loaded ? DEFAULT_WARMUP_MS : 0)) / 1000,
    port: args.get<number>('port') ?? null,
    startupMs: args.get<number>('startup') ?? DEFAULT_STARTUP_MS,
    stdoutToStderr: args.given('json'),
  };
}

interface Interrupts {
  signal: AbortSignal;
  watch(target: Target): void;
  stop(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first Ctrl-C ends the recording and still reports; the second ends everything at once. A bug in ddx must not leave the target behind. */
function watchInterrupts(progress: Progress): Interrupts {
  const controller = new AbortController();
  let target: Target | null = null;
  const endAtOnce = (code: number): never => {
    progress.done();
    if (target) killTarget(target);
    process.exit(code);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) endAtOnce(EXIT.interrupted);
    progress.note('stopping; the report of what was recorded follows (Ctrl-C again ends at once)');
    controller.abort(signal);
  };
  const onBug = (error: unknown): void => void endAtOnce(tellFailure(error));
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('uncaughtException', onBug);
  return {
    signal: controller.signal,
    watch(launched) {
      target = launched;
    },
    stop() {
      for (const signal of SIGNALS) process.removeListener(signal, onSignal);
      process.removeListener('uncaughtException', onBug);
    },
  };
}

function missingCommand(args: Arguments): DdxError {
  const next =
    args.words.length > 0 ? `Put "--" before it: ddx run -- ${args.words.join(' ')}` : 'For example: ddx run --rate 50 -- node server.js';
  return new DdxError('DDX_USAGE', 'There is no command to run.', next);
}
