import { existsSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { resolve } from 'node:path';
import type { Job } from '../../lab/campaign.js';
import { drawFrom } from '../../lab/kit/draw.js';
import type { ScoreBook, SourceHashes } from '../../lab/score-book.js';
import { wordBytes } from '../../model/wording.js';
import { EXIT } from '../exit-codes.js';

/** What a run takes beside warm-up and recording: start, build, the report. */
const AROUND_S = 8;

/** One call of `ddx lab score`, whatever tool it asks. */
export interface Sitting {
  book: ScoreBook;
  now: SourceHashes;
  machine: string;
  /** Whether to stop before a run of so many seconds. */
  stops(seconds: number): boolean;
  say(line: string): void;
  save(): void;
  workDir: string;
}

/** In a checkout of ddx the published scores; elsewhere the user's own. */
export function bookFile(): string {
  return existsSync('rules/index.ts') ? resolve('rules/scores.json') : resolve('ddx-scores.json');
}

/** Below the user's node_modules, where the frameworks are. */
export function workDir(): string {
  return resolve('.ddx-lab');
}

/** How long a run will take, about. `recordedS`: instead of the scenario's own time. */
export function secondsOf({ scenario, seed, sick }: Pick<Job, 'scenario' | 'seed' | 'sick'>, recordedS?: number): number {
  const { warmupS, durationS } = scenario.build(drawFrom(scenario.id, seed), sick).load;
  return warmupS + (recordedS ?? durationS) + AROUND_S;
}

export function stopper(withinMs: number | undefined): (seconds: number) => boolean {
  const startedMs = performance.now();
  let asked = false;
  process.once('SIGINT', () => {
    asked = true;
    process.stderr.write('stopping after this run (Ctrl-C again ends at once)\n');
    process.once('SIGINT', () => process.exit(EXIT.interrupted));
  });
  process.once('SIGTERM', () => process.exit(EXIT.interrupted));
  return (seconds) => asked || (withinMs !== undefined && performance.now() - startedMs + seconds * 1000 > withinMs);
}

export function machineWords(): string {
  const [cpu] = cpus();
  return `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, ${wordBytes(totalmem())}, ${process.platform} ${release()}`;
}
