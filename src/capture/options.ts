import type { LoadOptions, RequestTemplate } from '../load/load.js';
import type { Depth } from '../model/options.js';
import type { Recording } from '../model/recording.js';
import type { Target, TargetExit } from '../target/launch.js';

/** What a recording needs to know of the process it is about. */
export interface Watched {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  /** Null while it runs. */
  exit(): TargetExit | null;
  /** Last lines of its stderr; null where we can't read them. */
  stderrTail(): string[] | null;
  /** Waits a moment for the last of its stderr. */
  drained(): Promise<void>;
}

/** The load that we make ourselves. */
export interface OwnLoad extends Pick<LoadOptions, 'arrivals' | 'inOrder' | 'scenario' | 'headers'> {
  requests: readonly RequestTemplate[];
  /** What of its source could not be used, a sentence each. */
  notes?: readonly string[];
}

/** How to record, whoever started the target. */
export interface RecordOptions {
  command: readonly string[];
  cwd: string;
  depth: Depth;
  /** At depth deep: blocks of the main thread longer than this are caught while they last. */
  blockMs?: number | undefined;
  /** Where the recording is kept; null: nowhere. */
  out: string | null;
  ddxVersion: string;
  /** Absolute path of the built probe. */
  preload: string;
  load: OwnLoad | null;
  /** Seconds to record after the warm-up; null: until interrupted or the target ends. */
  durationS: number | null;
  warmupS: number;
  /** Aborted by the user's Ctrl-C, its reason the signal's name: ends the recording early, with everything it has. */
  interrupt: AbortSignal;
}

/** How to start a target and record it. */
export interface CaptureOptions extends RecordOptions {
  port: number | null;
  startupMs: number;
  /** Under --json our stdout is for the report alone. */
  stdoutToStderr: boolean;
}

export interface CaptureProgress {
  elapsedS: number;
  /** Answered so far. */
  requests: number;
  errors: number;
  /** Null without a load of our own. */
  p99Ms: number | null;
}

export interface CaptureEvents {
  phase(phase: 'starting' | 'attaching' | 'warming up' | 'recording' | 'finishing'): void;
  /** Something the user should know and can act on. */
  note(text: string): void;
  /** About once a second. */
  progress(progress: CaptureProgress): void;
}

/** What capture tells besides, where it starts the target itself. */
export interface LaunchEvents extends CaptureEvents {
  launched(target: Target): void;
}

export interface CaptureResult {
  recording: Recording;
  /** Resolves when the target and all it started are gone; they have been told to go. */
  stopped: Promise<void>;
}
