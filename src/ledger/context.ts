import type { Recording } from '../model/recording.js';
import { type BlockIndex, findBlocks } from './blocks.js';
import { type Competitors, competitorsOf } from './competitors.js';
import { type OffCore, offCoreOf } from './kernel.js';
import { poolQueueing } from './pool.js';
import { buildTimelines, type Timeline } from './timeline.js';
import { indexWaits, type WaitIndex } from './waits.js';

/** Everything needed to book requests; built once per recording. */
export interface LedgerContext {
  readonly timelines: readonly Timeline[];
  /** Index = proc; null where nobody saw the kernel's side of the main thread. */
  readonly offCore: readonly (OffCore | null)[];
  /** Index = proc. */
  readonly competitors: readonly Competitors[];
  readonly waits: WaitIndex;
  readonly blocks: BlockIndex;
  readonly queuedUs: ReadonlyMap<number, number>;
  /** "GET /orders/:id" of a request id; null for ids that are not requests of this process. */
  routeOf(proc: number, owner: number): string | null;
}

export function buildLedgerContext(recording: Recording): LedgerContext {
  const timelines = buildTimelines(recording);
  const waits = indexWaits(recording, timelines);
  const routes = new Map<string, string>();
  const { requests } = recording.streams;
  for (let row = 0; row < requests.rows; row++) {
    routes.set(`${requests.proc[row]} ${requests.id[row]}`, recording.strings[requests.route[row]!] ?? '(unknown)');
  }
  const routeOf = (proc: number, owner: number): string | null => routes.get(`${proc} ${owner}`) ?? null;
  const offCore = timelines.map((timeline, proc) => offCoreOf(recording, proc, timeline));
  return {
    timelines,
    offCore,
    competitors: timelines.map((_, proc) => competitorsOf(recording, proc)),
    waits,
    blocks: findBlocks(recording, timelines, offCore, routeOf),
    queuedUs: poolQueueing(recording, waits, recording.documents.session?.limits.poolThreads ?? 4),
    routeOf,
  };
}
