import type { Block } from '../ledger/blocks.js';
import { coveredWithin } from '../ledger/coverage.js';
import { calledName } from '../ledger/source-line.js';
import { busyUntil, gcWithin, type Timeline } from '../ledger/timeline.js';
import type { Work } from '../ledger/work-kind.js';
import type { Fact, FactReader } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { answerBytesOf, groupWork, lineOfWork, steadyPeriodMs } from './block-work.js';
import { ledgerContext } from './ledgers.js';
import { type Request, requests } from './requests.js';
import { codeOfRoute } from './route-code.js';
import { ascending, quantile } from './stats.js';
import { window } from './window.js';

/** Long stretches of the main thread that one function is to blame for. */
export interface BlockGroup {
  label: string | null;
  location: SourceLocation | null;
  /** "pbkdf2Sync", "the pattern /^(a+)+$/" */
  callee: string | null;
  path: string[];
  count: number;
  /** How often the stack was taken while one lasted. */
  caught: number;
  totalCpuMs: number;
  medianCpuMs: number;
  maxCpuMs: number;
  /** Routes whose requests ran it; empty for timers and start-up. */
  routes: string[];
  /**
   * Traffic that is not ours is first seen when its handler runs. Requests taken up right behind a block had been waiting for it, no one
   * knows how long: how many, of how many, and on which route most; null with our own load, where the ledger knows.
   */
  behind: { requests: number; of: number; route: string } | null;
  /** What they are spent on. */
  work: Work;
  /** They come by themselves at this period, as a timer's do; null where requests run them, or at no steady period. */
  everyMs: number | null;
  /** Collector pauses within them, and whether nearly all collecting is: what it allocates, it has collected. */
  collectorMs: number;
  cleansUp: boolean;
  /** What the requests that ran it were answered with, median bytes; 0 where none did. */
  answerBytes: number;
}

export interface Blocks {
  /** By function, heaviest first. Blocks shorter than `floorMs` of computing are left out. */
  groups: BlockGroup[];
  longestCpuMs: number;
  /** Longest stretch on the wall clock, whatever it was made of (collector, waiting for a core). */
  longestWallMs: number;
  /** How long it was known who held the main thread; less than the window where that was sampled. */
  observedUs: number;
  /** Share of that in which it was busy, 0..1. */
  busyShare: number;
}

/** RAIL's and Chromium's definition of a long task: beyond 50 ms others notice. */
const LONG_TASK_US = 50_000;
/** Where the blocks of one function hold this share of all collecting, and compute for longer than that, the garbage is theirs. */
const OWN_GARBAGE_SHARE = 0.6;
const NOTABLE_SHARE = 0.1;

export const blocks: Fact<Blocks> = {
  id: 'blocks',
  compute(recording, get) {
    const { startUs, endUs, durationUs } = get(window);
    const context = get(ledgerContext);
    if (recording.streams.turns.rows === 0) {
      return {
        ok: false,
        because: 'who held the main thread was not recorded',
        enable: 'record with --depth standard and a Node.js target',
      };
    }
    const inWindow = context.blocks.all.filter((block) => block.startUs < endUs && block.endUs > startUs);
    const long = inWindow.filter((block) => block.cpuUs >= LONG_TASK_US);
    const byLabel = new Map<string | null, Block[]>();
    for (const block of long) {
      const list = byLabel.get(block.label);
      if (list) list.push(block);
      else byLabel.set(block.label, [block]);
    }
    // Processes that nobody looked into from inside have no turns, and no stretch in which they were not kept.
    const seen = context.timelines.filter((timeline) => timeline.startUs.length > 0);
    const observedUs = Math.max(1, ...seen.map(({ coverage }) => Math.min(durationUs, coveredWithin(coverage, startUs, endUs))));
    const unseen = recording.streams.client.rows === 0 ? get(requests) : null;
    const collectedUs = context.timelines.reduce((sum, timeline) => sum + gcWithin(timeline, startUs, endUs), 0);
    const groups = [...byLabel]
      .map(([label, list]) => {
        const collectorUs = list.reduce((sum, block) => sum + block.gcUs, 0);
        const computedUs = list.reduce((sum, block) => sum + block.cpuUs, 0);
        const work = groupWork(recording, list);
        const group = inOwnCode(recording, get, describe(recording, label, list, context.routeOf));
        return {
          ...group,
          location: lineOfWork(recording, group.location, work),
          behind: unseen && behind(list, unseen, context.timelines),
          work,
          everyMs: steadyPeriodMs(list),
          collectorMs: collectorUs / 1000,
          cleansUp:
            collectorUs >= OWN_GARBAGE_SHARE * collectedUs && collectorUs <= computedUs && collectorUs >= NOTABLE_SHARE * computedUs,
          answerBytes: answerBytesOf(recording, list),
        };
      })
      .sort((a, b) => b.totalCpuMs - a.totalCpuMs);
    return {
      ok: true,
      value: {
        groups,
        longestCpuMs: Math.max(0, ...inWindow.map((block) => block.cpuUs)) / 1000,
        longestWallMs: Math.max(0, ...inWindow.map((block) => block.endUs - block.startUs)) / 1000,
        observedUs,
        busyShare: Math.max(0, ...context.timelines.map((timeline) => busyUsOf(timeline, startUs, endUs))) / observedUs,
      },
    };
  },
};

/** A framework that serialises what a handler returned does it for the handler: that is the code to change. */
function inOwnCode<T extends { location: SourceLocation | null; routes: readonly string[] }>(
  recording: Recording,
  get: FactReader,
  group: T,
): T {
  const [route] = group.routes;
  if (group.location?.source === 'app' || route === undefined) return group;
  const own = codeOfRoute(recording, get, route);
  return own?.source === 'app' ? { ...group, location: own } : group;
}

function busyUsOf(timeline: { startUs: Float64Array; endUs: Float64Array }, fromUs: number, toUs: number): number {
  let sum = 0;
  for (let i = 0; i < timeline.startUs.length; i++) {
    sum += Math.max(0, Math.min(toUs, timeline.endUs[i]!) - Math.max(fromUs, timeline.startUs[i]!));
  }
  return sum;
}

function calleeOf(recording: Recording, { hot, location }: Block): string | null {
  if (!hot?.callee || !location) return null;
  return calledName(recording, location, hot.callee).replace(/^RegExp: (.*)$/s, 'the pattern /$1/');
}

/** Requests entered in the unbroken busy stretch that follows one of the blocks. */
function behind(list: readonly Block[], all: readonly Request[], timelines: readonly Timeline[]): BlockGroup['behind'] {
  const byRoute = new Map<string, number>();
  for (const { proc, endUs } of list) {
    const untilUs = busyUntil(timelines[proc]!, endUs);
    for (const { server, route } of all) {
      const follows = server?.proc === proc && server.enteredUs >= endUs && server.enteredUs <= untilUs;
      if (follows) byRoute.set(route, (byRoute.get(route) ?? 0) + 1);
    }
  }
  const [most] = [...byRoute].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return most ? { requests: [...byRoute.values()].reduce((sum, count) => sum + count, 0), of: all.length, route: most[0] } : null;
}

function describe(
  recording: Recording,
  label: string | null,
  list: readonly Block[],
  routeOf: (proc: number, owner: number) => string | null,
): Omit<BlockGroup, 'behind' | 'work' | 'everyMs' | 'collectorMs' | 'cleansUp' | 'answerBytes'> {
  const cpuMs = ascending(list.map((block) => block.cpuUs / 1000));
  const first = list[0]!;
  const routes = new Set<string>();
  for (const block of list) {
    const route = block.owner === 0 ? null : routeOf(block.proc, block.owner);
    if (route) routes.add(route);
  }
  return {
    label,
    location: first.location,
    callee: calleeOf(recording, first),
    path: first.hot?.path ?? [],
    count: list.length,
    caught: list.reduce((sum, block) => sum + block.caught, 0),
    totalCpuMs: cpuMs.reduce((sum, ms) => sum + ms, 0),
    medianCpuMs: quantile(cpuMs, 0.5),
    maxCpuMs: quantile(cpuMs, 1),
    routes: [...routes].sort(),
  };
}
