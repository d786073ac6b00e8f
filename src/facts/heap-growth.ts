import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { boundOf, type Eviction, evictionOf } from './container-bounds.js';
import { type Keeper, keepingLine } from './keeping-line.js';
import { window } from './window.js';

/** Live memory by where it was allocated: what was added since the window began and not freed until its end. */
export interface HeapGrowth {
  sites: GrowthSite[];
  /** Of all sampled growth, bytes. */
  totalBytes: number;
  /** Of all sites, as theirs. */
  quarters: readonly number[] | null;
}

export interface GrowthSite {
  /** Where the growing thing is stored if the recorded source shows it, else the function that allocates it. */
  location: SourceLocation;
  allocatedIn: SourceLocation;
  /** Source text of what is appended to ("sessions", "this.listeners"), if seen. */
  container: string | null;
  /** What the line in `location` keeps it by; null where no such line was found. */
  keeper: Keeper | null;
  bytes: number;
  share: number;
  /** Of what it allocated in each quarter of the window, what was alive at the end; null where that was not recorded. */
  quarters: readonly number[] | null;
  /** A line in sight that removes from the container by age or size. */
  evictedAt: Eviction | null;
  /** A line in sight that makes the container with a bound: `new LRUCache({ max: 500 })`. */
  boundAt: SourceLocation | null;
}

export const heapGrowth: Fact<HeapGrowth> = {
  id: 'heap-growth',
  compute(recording, get) {
    const { startUs } = get(window);
    const sites = new Map<string, GrowthSite>();
    let totalBytes = 0;
    for (const profile of recording.documents.heapProfiles) {
      if (!profile || profile.tUs.length < 2) continue;
      const base = baselineIndex(profile.tUs, startUs);
      const timed = profile.stacks.some((stack) => total(stack.addedBytes) > 0);
      for (const stack of profile.stacks) {
        const grown = (stack.liveBytes.at(-1) ?? 0) - (stack.liveBytes[base] ?? 0);
        // Of each moment only the largest stacks are known; what is not among the first ones need not be new.
        const bytes = timed ? Math.min(grown, total(stack.addedBytes)) : grown;
        if (bytes <= 0) continue;
        totalBytes += bytes;
        const site = siteOf(recording, stack.frames);
        if (!site) continue;
        const key = `${site.location.file}:${site.location.line}:${site.allocatedIn.function}`;
        const known = sites.get(key);
        const quarters = timed ? sumOf(known?.quarters, stack.addedBytes) : null;
        if (known) Object.assign(known, { bytes: known.bytes + bytes, quarters });
        else
          sites.set(key, { ...site, bytes, share: 0, quarters, evictedAt: evictionOf(recording, site), boundAt: boundOf(recording, site) });
      }
    }
    if (totalBytes === 0)
      return { ok: false, because: 'no allocation samples of two moments were recorded', enable: 'record with --depth standard' };
    const list = [...sites.values()].sort((a, b) => b.bytes - a.bytes);
    for (const site of list) site.share = site.bytes / totalBytes;
    const quarters = list.reduce<readonly number[] | null>((sum, site) => sumOf(sum, site.quarters ?? undefined), null);
    return { ok: true, value: { sites: list, totalBytes, quarters } };
  },
};

/** V8 samples a piece every 256 kB: fewer than eight of them say nothing about when they were made. */
const TIMEABLE_BYTES = 2 << 20;
/** Of a quarter's even part of what is alive. */
const EVEN_SHARE = 0.4;

/**
 * Whether a site kept adding what stays: as much is left of the first quarter as of the last. A cache that filled adds nothing late; one
 * that fills and then replaces has nothing left from early on. Null: not known.
 */
export function growsSteadily({ quarters }: Pick<GrowthSite, 'quarters'>): boolean | null {
  if (!quarters) return null;
  const all = total(quarters);
  const least = (EVEN_SHARE * all) / quarters.length;
  return all >= TIMEABLE_BYTES && quarters[0]! >= least && quarters.at(-1)! >= least;
}

function total(bytes: readonly number[] | undefined): number {
  return (bytes ?? []).reduce((sum, some) => sum + some, 0);
}

function sumOf(a: readonly number[] | null | undefined, b: readonly number[] | undefined): readonly number[] | null {
  if (!a || !b) return a ?? b ?? null;
  return b.map((bytes, i) => bytes + (a[i] ?? 0));
}

/** The last moment before, or else the first after, the window began; never the last one. */
function baselineIndex(tUs: readonly number[], startUs: number): number {
  const after = tUs.findIndex((us) => us >= startUs - 1_000_000);
  return Math.min(Math.max(0, after), tUs.length - 2);
}

type Site = Pick<GrowthSite, 'location' | 'allocatedIn' | 'container' | 'keeper'>;

function siteOf(recording: Recording, frames: readonly SourceLocation[]): Site | null {
  const own = frames.filter((frame) => frame.source === 'app');
  const allocatedIn = own[0] ?? frames.find((frame) => frame.source === 'dependency');
  if (!allocatedIn) return null;
  const kept = keepingLine(recording, own);
  return { location: allocatedIn, container: null, keeper: null, ...kept, allocatedIn };
}
