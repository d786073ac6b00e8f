import { RULES } from '../../rules/index.js';
import { attach as record } from '../capture/attach.js';
import { diagnose } from '../diagnose/report.js';
import { DdxError } from '../errors.js';
import { findProcess } from '../target/attach/find.js';
import type { Arguments } from './arguments.js';
import { assetPath } from './assets.js';
import { watchInterrupts } from './interrupts.js';
import { deliver } from './output.js';
import { createProgress } from './progress.js';
import { recordingOptions, statusOf } from './recording-options.js';

/** `ddx attach`: record a process that already runs, diagnose, report. It goes on as it was. Returns the exit code. */
export async function attach(args: Arguments): Promise<number> {
  const [word] = args.words;
  if (word === undefined || args.words.length > 1 || args.rest.length > 0) {
    throw new DdxError(
      'DDX_USAGE',
      word === undefined ? 'There is no process to attach to.' : 'attach takes one process.',
      'Name its pid or its port: ddx attach 1234, or ddx attach :3000',
    );
  }
  const options = await recordingOptions(args);
  const { facts, port } = findProcess(word);
  const progress = createProgress();
  const interrupts = watchInterrupts(progress);
  try {
    const recording = await record(
      {
        ...options,
        process: facts,
        port: args.get<number>('port') ?? port,
        forceSignal: args.given('force-signal'),
        preload: assetPath('probe/attach.cjs'),
        interrupt: interrupts.signal,
      },
      {
        phase: (phase) => progress.phase(phase),
        note: (text) => progress.note(text),
        progress: (seen) => progress.status(statusOf(seen, options)),
      },
    );
    progress.phase('diagnosing');
    const report = diagnose(recording, RULES);
    progress.done();
    return deliver(report, args, options.out ? [['recording', options.out]] : []);
  } finally {
    progress.done();
    interrupts.stop();
  }
}
