import { coveredWithin } from '../ledger/coverage.js';
import type { Fact } from '../model/fact.js';
import type { SourceLocation } from '../model/recording.js';
import { type HandOff, handOffs } from './hand-offs.js';
import { ledgerContext } from './ledgers.js';
import { requests } from './requests.js';
import { type Span, sumUs, unionUs } from './spans.js';
import { ascending, largest, quantile, smallest, thin } from './stats.js';
import { window } from './window.js';

/** Requests that pass something one after another: each was let in by one that had been let in before it. */
export interface LockQueue {
  /** Routes whose requests waited in it, the one that waited longest in all first. */
  routes: string[];
  /** Times that a request let others in, and how often it had been let in itself before, 0..1: about 0 where answers are shared. */
  handOffs: number;
  passedOnShare: number;
  /** How many held it at a time while others waited: 1 = a lock, n = a pool of n. Mean; 0 where it was never passed on. */
  holders: number;
  /** From being let in until letting the next one in. */
  /** Share of the time in which it would be held by all requests of its routes, if each held it as shortly as the quickest tenth does. */
  leastUse: number;
  holdP10Ms: number;
  holdP50Ms: number;
  holdP90Ms: number;
  /** Of those who had to wait. */
  waitP50Ms: number;
  waitP90Ms: number;
  /** Waiting at a time, while anybody did. Who still waited when the recording ended is not among them. */
  meanWaiters: number;
  maxWaiters: number;
  /** How often the one who was let in had waited longest, of the times that several waited, 0..1. */
  inOrderShare: number;
  /** Part of the time observed in which it was held with others waiting, 0..1. */
  busyShare: number;
  /** What holders themselves waited for most ("http://bank:8080", "timers/promises.setTimeout"), and its share of the holding. */
  held: { dest: string; share: number } | null;
  /** Where the lock is awaited; null where that was not seen. */
  takenAt: SourceLocation | null;
  /** What is done while it is held, in the code that takes it; else where it is taken. */
  location: SourceLocation | null;
}

/** Queues in front of locks, semaphores and pools that the program has made of promises itself; longest waiting in sum first. */
export const lockQueues: Fact<readonly LockQueue[]> = {
  id: 'lock-queues',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    const { timelines, waits } = get(ledgerContext);
    const observedUs = Math.max(1, ...timelines.map(({ coverage }) => Math.min(endUs - startUs, coveredWithin(coverage, startUs, endUs))));
    const perRoute = new Map<string, number>();
    for (const { route } of get(requests)) perRoute.set(route, (perRoute.get(route) ?? 0) + 1);
    const queues = byRoutes(get(handOffs)).map((list): LockQueue => {
      const holds = list.flatMap((one) => (one.heldSinceUs === null ? [] : [{ ...one, startUs: one.heldSinceUs, endUs: one.atUs }]));
      const holdMs = ascending(holds.map((hold) => lengthUs(hold) / 1000));
      const heldUs = sumUs(holds);
      const waited = list.flatMap(({ letIn }) => letIn);
      const waitsMs = ascending(waited.map((one) => lengthUs(one) / 1000));
      const looks = thin(list, MOST_LOOKS).map((one) => ({
        one,
        among: waited.filter((wait) => wait.startUs < one.atUs && wait.endUs >= one.atUs),
      }));
      const routes = heaviest(waited, ({ route }) => route, lengthUs);
      const perMs = routes.reduce((sum, route) => sum + (perRoute.get(route) ?? 0), 0) / ((endUs - startUs) / 1000);
      const holdP10Ms = quantile(holdMs, 0.1);
      const choices = looks.filter(({ one, among }) => among.length > one.letIn.length);
      return {
        routes,
        handOffs: list.length,
        passedOnShare: holds.length / list.length,
        holders: heldUs / Math.max(1, unionUs(holds)),
        leastUse: perMs * holdP10Ms,
        holdP10Ms,
        holdP50Ms: quantile(holdMs, 0.5),
        holdP90Ms: quantile(holdMs, 0.9),
        waitP50Ms: quantile(waitsMs, 0.5),
        waitP90Ms: quantile(waitsMs, 0.9),
        meanWaiters: sumUs(waited) / Math.max(1, unionUs(waited)),
        maxWaiters: largest(
          looks.map(({ among }) => among.length),
          0,
        ),
        inOrderShare: choices.filter(({ one, among }) => isFirst(one, among)).length / Math.max(1, choices.length),
        busyShare: Math.min(1, unionUs(holds) / observedUs),
        ...sitesOf(holds, waited),
      };
    });
    return { ok: true, value: queues.sort((a, b) => b.waitP50Ms * b.handOffs - a.waitP50Ms * a.handOffs) };

    function sitesOf(holds: readonly (HandOff & Span)[], waited: HandOff['letIn']): Pick<LockQueue, 'held' | 'takenAt' | 'location'> {
      const parts = holds.flatMap((hold) =>
        waits
          .of(hold.proc, hold.releaser)
          .map(({ site, dest, kind, ...wait }) => ({
            site,
            dest: dest || kind,
            us: Math.min(hold.endUs, wait.endUs) - Math.max(hold.startUs, wait.startUs),
          }))
          .filter(({ us }) => us > 0),
      );
      const [dest] = heaviest(
        parts,
        (part) => part.dest,
        ({ us }) => us,
      );
      const most = parts.filter((part) => part.dest === dest);
      const held = dest === undefined ? null : { dest, share: Math.min(1, total(most, ({ us }) => us) / Math.max(1, sumUs(holds))) };
      const taken = ownFrames(heaviest(waited, ({ site }) => site, lengthUs).find((site) => site >= 0));
      const holding = ownFrames(
        heaviest(
          most,
          ({ site }) => site,
          ({ us }) => us,
        ).find((site) => site >= 0),
      );
      const releasing = ownFrames(
        heaviest(
          holds,
          ({ releaserSite }) => releaserSite,
          () => 1,
        ).find((site) => site >= 0),
      );
      return { held, takenAt: taken[0] ?? null, location: criticalSection(taken, releasing, holding) };
    }

    function ownFrames(site: number | undefined): SourceLocation[] {
      return (site === undefined ? [] : (recording.documents.sites[site]?.frames ?? [])).filter(({ source }) => source === 'app');
    }
  },
};

/** A function handed to a lock is written there, and is no longer than this. */
const SECTION_LINES = 60;
/** More hand-offs than this are not looked at for who else waited then. */
const MOST_LOOKS = 300;

/** Requests that let each other in wait for the same thing, whatever their routes are. */
function byRoutes(all: readonly HandOff[]): HandOff[][] {
  const parent = new Map<string, string>();
  const rootOf = (route: string): string => {
    const up = parent.get(route);
    return up === undefined || up === route ? route : rootOf(up);
  };
  for (const { proc, releaserRoute, letIn } of all) {
    for (const { route } of letIn) parent.set(rootOf(`${proc} ${route}`), rootOf(`${proc} ${releaserRoute}`));
  }
  const groups = new Map<string, HandOff[]>();
  for (const one of all) {
    const root = rootOf(`${one.proc} ${one.releaserRoute}`);
    const list = groups.get(root);
    if (list) list.push(one);
    else groups.set(root, [one]);
  }
  return [...groups.values()];
}

function isFirst(one: HandOff, among: readonly (Span & { owner: number })[]): boolean {
  const first = smallest(among.map(({ startUs }) => startUs));
  return one.letIn.some(({ startUs }) => startUs === first);
}

/**
 * The lock itself may be a module of its own: who takes it is the next file on the stack. The place is what that function does while it
 * holds it, or what the function does that it hands to the lock; what lies below (a client, a driver) is not the section's. Where nobody
 * was seen to take it, the await tells that its holder went on from before it let go.
 */
function criticalSection(
  taken: readonly SourceLocation[],
  releasing: readonly SourceLocation[],
  holding: readonly SourceLocation[],
): SourceLocation | null {
  const outside = taken.filter(({ file }) => file !== taken[0]?.file);
  const takers = outside.length > 0 ? outside : taken.length > 0 ? taken : releasing;
  const sameFile = (frame: SourceLocation): boolean => takers.some(({ file }) => file === frame.file);
  const takes = (frame: SourceLocation): boolean => takers.some((one) => one.file === frame.file && one.function === frame.function);
  const handedOver = ({ file, line, function: name }: SourceLocation): boolean =>
    (name === '' || name === '(anonymous)') &&
    takers.some((one) => one.file === file && line >= one.line && line < one.line + SECTION_LINES);
  return holding.find((frame) => takes(frame) || handedOver(frame)) ?? holding.find(sameFile) ?? holding[0] ?? takers[0] ?? null;
}

function heaviest<T, N extends string | number>(of: readonly T[], nameOf: (one: T) => N, weightOf: (one: T) => number): N[] {
  const weights = new Map<N, number>();
  for (const one of of) weights.set(nameOf(one), (weights.get(nameOf(one)) ?? 0) + weightOf(one));
  return [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
}

function total<T>(of: readonly T[], weightOf: (one: T) => number): number {
  return of.reduce((sum, one) => sum + weightOf(one), 0);
}

function lengthUs({ startUs, endUs }: Span): number {
  return endUs - startUs;
}

/** Of so many times passed on, the kind of queue can be told. */
const FEWEST_HAND_OFFS = 10;
/** Where answers are shared or given in batches nobody who waited lets others in; in front of a lock nearly everybody does. */
const PASSED_ON = 0.6;
/** More than one at a time, and it is a pool, or several locks. */
const ONE_HOLDER = 1.3;

/** One at a time has it, and whoever had it lets the next one in. */
export function isLock({ handOffs, passedOnShare, holders }: LockQueue): boolean {
  return handOffs >= FEWEST_HAND_OFFS && passedOnShare >= PASSED_ON && holders < ONE_HOLDER;
}
