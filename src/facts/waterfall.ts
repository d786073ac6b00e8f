import type { LedgerContext } from '../ledger/context.js';
import { firstTurnAfter, gcPauses } from '../ledger/timeline.js';
import { accountOf } from '../ledger/waits.js';
import type { AccountId } from '../model/ledger.js';
import type { Request } from './requests.js';

/** One thing that went on while a request was under way, with all the times at which it did. Microseconds from the request's start. */
export interface Lane {
  account: AccountId;
  detail?: string;
  spans: [fromUs: number, forUs: number][];
}

/** Spans closer together than this share of the request are drawn as one: nobody could tell them apart. */
const APART_SHARE = 1 / 400;
const MOST_SPANS = 80;
const MOST_LANES = 24;

/**
 * What happened while a request lasted: its own code, whatever it waited for from question to answer, and who held the main thread
 * meanwhile, whether or not it was that which it waited for. Lanes overlap, so they do not add up: that is what its ledger is for.
 * In order of their beginning; empty where only the client saw the request.
 */
export function waterfallOf({ timelines, waits, blocks, routeOf }: LedgerContext, request: Request): Lane[] {
  const half = request.server;
  const timeline = half ? timelines[half.proc] : undefined;
  if (!half || !timeline) return [];
  const { startUs: zeroUs, endUs } = request;
  const lanes = new Map<string, Lane>();
  const add = (account: AccountId, fromUs: number, toUs: number, detail?: string): void => {
    const [from, to] = [Math.max(zeroUs, fromUs) - zeroUs, Math.min(endUs, toUs) - zeroUs];
    if (to <= from) return;
    const key = `${account}\n${detail ?? ''}`;
    const lane = lanes.get(key) ?? { account, ...(detail === undefined ? {} : { detail }), spans: [] };
    lanes.set(key, lane);
    lane.spans.push([from, to - from]);
  };

  add('arrival', zeroUs, half.enteredUs);
  for (let i = firstTurnAfter(timeline, zeroUs); i < timeline.startUs.length && timeline.startUs[i]! < endUs; i++) {
    const owner = timeline.owner[i]!;
    const label = blocks.at(half.proc, timeline.startUs[i]!)?.label ?? undefined;
    const [account, detail] = holderOf(owner, owner === half.id, label, owner === 0 ? null : routeOf(half.proc, owner));
    add(account, timeline.startUs[i]!, timeline.endUs[i]!, detail);
  }
  for (const [from, to] of gcPauses(timeline, zeroUs, endUs)) add('js/gc', from, to);
  for (const wait of [...waits.of(half.proc, half.id), ...waits.promisesOf(half.proc, half.id)])
    add(accountOf(wait), wait.startUs, wait.endUs, wait.detail || undefined);
  const answeredUs = half.answeredUs >= 0 ? half.answeredUs : half.finishedUs;
  add('response', answeredUs, endUs);

  const leastGapUs = (endUs - zeroUs) * APART_SHARE;
  const longest = [...lanes.values()]
    .map((lane) => ({ ...lane, spans: joined(lane.spans, leastGapUs) }))
    .sort((a, b) => lengthOf(b) - lengthOf(a))
    .slice(0, MOST_LANES);
  return longest.sort((a, b) => a.spans[0]![0] - b.spans[0]![0]);
}

function holderOf(owner: number, own: boolean, block: string | undefined, route: string | null): [account: AccountId, detail?: string] {
  if (own && owner !== 0) return block === undefined ? ['js/own'] : ['js/own', block];
  const who = owner === 0 ? undefined : (route ?? 'a request that did not end');
  if (who === undefined && block === undefined) return ['js/runtime'];
  return ['js/other', [who ?? 'no request', ...(block === undefined ? [] : [block])].join(' in ')];
}

/** In order, those that (nearly) touch as one; where there are too many still, the gaps that count grow. */
export function joined(spans: readonly [fromUs: number, forUs: number][], leastGapUs: number): [fromUs: number, forUs: number][] {
  const sorted = [...spans].sort((a, b) => a[0] - b[0]);
  const result: [number, number][] = [];
  for (const [from, length] of sorted) {
    const last = result.at(-1);
    if (last && from <= last[0] + last[1] + leastGapUs) last[1] = Math.max(last[1], from + length - last[0]);
    else result.push([from, length]);
  }
  return result.length <= MOST_SPANS ? result : joined(result, Math.max(1, leastGapUs) * 2);
}

function lengthOf({ spans }: Lane): number {
  return spans.reduce((sum, [, length]) => sum + length, 0);
}
