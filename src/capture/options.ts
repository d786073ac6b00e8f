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
  watching?: Watching;
  /** Aborted by the user's Ctrl-C, its reason the signal's name: ends the recording early, with everything it has. */
  interrupt: AbortSignal;
}

/** A recording without end, of which only the last seconds are held. */
export interface Watching {
  /** So much is judged at a time. */
  windowS: number;
  /** So often; more seldom where judging takes long. */
  everyS: number;
  /** Called with the last `windowS` seconds, as if they had been recorded and had just ended. */
  looked(recording: Recording): void;
}

/** How to start a target and record it. */
export interface CaptureOptions extends RecordOptions {
  port: number | null;
  startupMs: number;
  /** Under --json our stdout is for the report alone. */
  stdoutToStderr: boolean;
}

export interface LoadProgress {
  elapsedS: number;
  /** Answered so far. */
  requests: number;
  errors: number;
  /** Of all until now; null while there were none. */
  p99Ms: number | null;
}

export interface CaptureProgress extends LoadProgress {
  /** Share of the last quarter of a second in which the busiest main thread did not wait; null where no probe tells. */
  busyShare: number | null;
  /** Longest that anything waited for the event loop since this was told last, milliseconds; null as above. */
  loopDelayMs: number | null;
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
