import type { RawFrame } from '../model/wire.js';
import type { Link } from './link.js';

/** Announces text and call sites to capture once each and hands out their indices. */
export interface Names {
  /** Index of a string; beyond the bound everything new shares "(other)". */
  text(s: string): number;
  /** Index of a stack of frames, -1 beyond the bound. */
  site(frames: RawFrame[]): number;
  /** Whether Node itself, and not the target, is the caller at this site. */
  isInternal(site: number): boolean;
  /** Every script that a site mentions. */
  readonly urls: Set<string>;
}

const MAX_TEXTS = 4000;
const MAX_SITES = 2000;

export function createNames(link: Link): Names {
  const texts = new Map<string, number>();
  const sites = new Map<string, number>();
  const urls = new Set<string>();
  const internal = new Set<number>();
  const text = (s: string): number => {
    const known = texts.get(s);
    if (known !== undefined) return known;
    if (texts.size >= MAX_TEXTS && s !== OTHER) return text(OTHER);
    const i = texts.size;
    texts.set(s, i);
    link.message({ t: 'string', i, s });
    return i;
  };
  return {
    urls,
    isInternal: (site) => internal.has(site),
    text,
    site(frames) {
      if (frames.length === 0) return -1;
      let key = '';
      for (const frame of frames) key += `${frame.url}:${frame.line}:${frame.column}${frame.awaits ? ' awaits' : ''}\n`;
      const known = sites.get(key);
      if (known !== undefined) return known;
      if (sites.size >= MAX_SITES) return -1;
      const i = sites.size;
      sites.set(key, i);
      if (frames[0]?.url.startsWith('node:')) internal.add(i);
      for (const frame of frames) if (urls.size < MAX_SITES) urls.add(frame.url);
      link.message({ t: 'site', i, frames });
      return i;
    },
  };
}

const OTHER = '(other)';
