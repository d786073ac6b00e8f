import { EXIT } from './exit-codes.js';
import { tellFailure } from './failure.js';
import type { Progress } from './progress.js';

export interface Interrupts {
  signal: AbortSignal;
  /** `cleanUp`: what must not be left behind when ddx ends at once. */
  onEnd(cleanUp: () => void): void;
  stop(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first Ctrl-C ends the recording and still reports; the second ends everything at once, as does a bug in ddx. */
export function watchInterrupts(progress: Progress): Interrupts {
  const controller = new AbortController();
  let cleanUp: (() => void) | null = null;
  const endAtOnce = (code: number): never => {
    progress.done();
    cleanUp?.();
    process.exit(code);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) endAtOnce(EXIT.interrupted);
    progress.note('stopping; the report of what was seen follows (Ctrl-C again ends at once)');
    controller.abort(signal);
  };
  const onBug = (error: unknown): void => void endAtOnce(tellFailure(error));
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('uncaughtException', onBug);
  return {
    signal: controller.signal,
    onEnd(added) {
      cleanUp = added;
    },
    stop() {
      for (const signal of SIGNALS) process.removeListener(signal, onSignal);
      process.removeListener('uncaughtException', onBug);
    },
  };
}
