import type { CaptureOptions, CaptureProgress, RecordOptions } from '../capture/capture.js';
import { DdxError } from '../errors.js';
import type { Depth } from '../model/options.js';
import { wordMs, wordShare } from '../model/wording.js';
import type { Arguments } from './arguments.js';
import { checkOutputs, checkWritable } from './output.js';
import { recordingLoad } from './recording-load.js';
import { VERSION } from './version.js';

const DEFAULT_DURATION_MS = 15_000;
const DEFAULT_WARMUP_MS = 3_000;
/** So long a recording of traffic that comes by itself can spare a warm-up, in which the probe finds out what it costs. */
const COMPARABLE_MS = 20_000;

/** What the options say that `run` and `attach` share. Throws DDX_USAGE, DDX_SCENARIO and DDX_OUTPUT_UNWRITABLE before anything is started. */
export async function recordingOptions(args: Arguments): Promise<Omit<RecordOptions, 'command' | 'cwd' | 'preload' | 'interrupt'>> {
  const out = args.get<string>('out') ?? null;
  if (out) checkWritable(out);
  checkOutputs(args);
  const load = await recordingLoad(args);
  const durationMs = args.get<number>('for') ?? (load ? DEFAULT_DURATION_MS : undefined);
  if (durationMs === 0) throw new DdxError('DDX_USAGE', '--for 0 records nothing.', '--for takes a duration such as 30s.');
  return {
    depth: args.get<Depth>('depth') ?? 'standard',
    blockMs: args.get<number>('block-ms'),
    out,
    ddxVersion: VERSION,
    load,
    durationS: durationMs === undefined ? null : durationMs / 1000,
    warmupS: (args.get<number>('warmup') ?? (load || (durationMs ?? 0) >= COMPARABLE_MS ? DEFAULT_WARMUP_MS : 0)) / 1000,
  };
}

/** Shorter waits for the loop are everyday. */
const WORTH_SAYING_MS = 50;

/** "12 of 33 s  600 requests  50/s  p99 12 ms  loop 34 % busy, late by 320 ms" */
export function statusOf(
  { elapsedS, requests, errors, p99Ms, busyShare, loopDelayMs }: CaptureProgress,
  { warmupS, durationS }: Pick<CaptureOptions, 'warmupS' | 'durationS'>,
): string {
  return [
    durationS === null ? `${elapsedS.toFixed(0)} s` : `${elapsedS.toFixed(0)} of ${(warmupS + durationS).toFixed(0)} s`,
    `${requests} requests`,
    ...(requests > 0 ? [`${(requests / elapsedS).toFixed(0)}/s`] : []),
    ...(errors > 0 ? [`${errors} failed`] : []),
    ...(p99Ms !== null && requests > 0 ? [`p99 ${wordMs(p99Ms)}`] : []),
    ...(busyShare === null
      ? []
      : [`loop ${wordShare(busyShare)} busy${(loopDelayMs ?? 0) >= WORTH_SAYING_MS ? `, late by ${wordMs(loopDelayMs!)}` : ''}`]),
  ].join('  ');
}
