import type { LoadOptions, RequestTemplate } from '../load/load.js';
import type { Depth } from '../model/options.js';
import type { Recording } from '../model/recording.js';
import type { Target } from '../target/launch.js';

export interface CaptureOptions {
  command: readonly string[];
  cwd: string;
  depth: Depth;
  /** Where the recording is kept; null: nowhere. */
  out: string | null;
  ddxVersion: string;
  /** Absolute path of the built probe. */
  preload: string;
  load: { requests: readonly RequestTemplate[]; arrivals: LoadOptions['arrivals'] } | null;
  /** Seconds to record after the warm-up; null: until interrupted or the target ends. */
  durationS: number | null;
  warmupS: number;
  port: number | null;
  startupMs: number;
  /** Under --json our stdout is for the report alone. */
  stdoutToStderr: boolean;
  /** Aborted by the user's Ctrl-C, its reason the signal's name: ends the recording early, with everything it has. */
  interrupt: AbortSignal;
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
  phase(phase: 'starting' | 'warming up' | 'recording' | 'finishing'): void;
  /** Something the user should know and can act on. */
  note(text: string): void;
  /** About once a second. */
  progress(progress: CaptureProgress): void;
  launched(target: Target): void;
}

export interface CaptureResult {
  recording: Recording;
  /** Resolves when the target and all it started are gone; they have been told to go. */
  stopped: Promise<void>;
}
