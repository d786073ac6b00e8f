import { RULES } from '../../rules/index.js';
import { type CaptureOptions, capture } from '../capture/capture.js';
import { diagnose } from '../diagnose/report.js';
import { DdxError } from '../errors.js';
import { killTarget } from '../target/stop.js';
import type { Arguments } from './arguments.js';
import { assetPath } from './assets.js';
import { watchInterrupts } from './interrupts.js';
import { deliver } from './output.js';
import { createProgress } from './progress.js';
import { recordingOptions, statusOf } from './recording-options.js';

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
  const options: Omit<CaptureOptions, 'interrupt'> = {
    ...(await recordingOptions(args)),
    command: args.rest,
    cwd: process.cwd(),
    preload: assetPath('probe/preload.cjs'),
    port: args.get<number>('port') ?? null,
    startupMs: args.get<number>('startup') ?? DEFAULT_STARTUP_MS,
    stdoutToStderr: args.given('json'),
  };
  const progress = createProgress();
  const interrupts = watchInterrupts(progress);
  try {
    const { recording, stopped } = await capture(
      { ...options, interrupt: interrupts.signal },
      {
        phase: (phase) => progress.phase(phase),
        note: (text) => progress.note(text),
        progress: (seen) => progress.status(statusOf(seen, options)),
        launched: (target) => interrupts.onEnd(() => killTarget(target)),
      },
    );
    progress.phase('diagnosing');
    const report = diagnose(recording, RULES);
    progress.done();
    const code = deliver(report, args, options.out ? [['recording', options.out]] : []);
    await stopped;
    return code;
  } finally {
    progress.done();
    interrupts.stop();
  }
}

function missingCommand(args: Arguments): DdxError {
  const next =
    args.words.length > 0 ? `Put "--" before it: ddx run -- ${args.words.join(' ')}` : 'For example: ddx run --rate 50 -- node server.js';
  return new DdxError('DDX_USAGE', 'There is no command to run.', next);
}
