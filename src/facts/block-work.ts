import type { Block } from '../ledger/blocks.js';
import { calledName, callOf, firstLineMatching, textOf } from '../ledger/source-line.js';
import { type Work, workOf } from '../ledger/work-kind.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { ascending, quantile } from './stats.js';

/** What blocks of one function are spent on, by the name that the user's line has for it. */
export function groupWork(recording: Recording, list: readonly Block[]): Work {
  const byProc = new Map<number, number[]>();
  for (const { proc, nodes } of list) byProc.set(proc, [...(byProc.get(proc) ?? []), ...nodes]);
  const [heaviest] = [...byProc].sort((a, b) => b[1].length - a[1].length);
  const profile = heaviest && recording.documents.profiles[heaviest[0]];
  if (!profile) return { kind: 'sync-cpu', name: null };
  const work = workOf(recording, profile, heaviest[1]);
  const { location } = list[0]!;
  if (!location || work.name === null) return work;
  if (work.kind === 'sync-logging') return { ...work, name: LOGGING.exec(textOf(recording, location))?.[1] ?? work.name };
  // Lines that write through a logger end in a plain write to a file.
  const logger =
    work.kind === 'sync-fs' && /^writeSync|^fsyncSync|^appendFileSync/.test(work.name) && LOGGING.exec(textOf(recording, location));
  if (logger) return { kind: 'sync-logging', name: logger[1]! };
  if (work.kind !== 'sync-zlib') return work;
  return { ...work, name: calledName(recording, location, { name: work.name, location: { ...location, source: 'node' } }) };
}

/**
 * Of a function whose lines the profile cannot tell (code that a tool wrote on one line), the line that does the work by its name; the
 * location as it is where its own text shows that, or none in it does.
 */
export function lineOfWork(recording: Recording, location: SourceLocation | null, { name }: Work): SourceLocation | null {
  const call = name === null ? null : callOf(name);
  if (location?.source !== 'app' || !call || call.test(textOf(recording, location))) return location;
  return firstLineMatching(recording, location, (text) => call.test(text)) ?? location;
}

const LOGGING = /\b([\w$.]*\b(?:console|log|logger|stdout|stderr)\.(?:trace|debug|log|info|warn|error|fatal|dir|table|write))\s*\(/i;

/** Fewer gaps than this agree by chance. */
const FEWEST_GAPS = 3;
/** As a share of the period: what a timer is late by where the loop is held up. Of random gaps one in ten lies so near to their median. */
const STEADY = 0.1;
const STEADY_SHARE = 0.8;
const UNOWNED_SHARE = 0.8;

/** The period, milliseconds, at which blocks that no request owns begin; null where they come otherwise. */
export function steadyPeriodMs(list: readonly Block[]): number | null {
  const own = list.filter(({ owner }) => owner === 0);
  if (own.length < list.length * UNOWNED_SHARE) return null;
  const starts = own.map(({ startUs }) => startUs).sort((a, b) => a - b);
  const gapsMs = ascending(starts.slice(1).map((us, i) => (us - starts[i]!) / 1000));
  if (gapsMs.length < FEWEST_GAPS) return null;
  const periodMs = quantile(gapsMs, 0.5);
  // One that was not seen, or stayed below the limit, leaves a gap of twice the period.
  const agrees = (ms: number): boolean => Math.abs(ms / periodMs - 1) <= STEADY || Math.abs(ms / periodMs - 2) <= STEADY;
  return gapsMs.filter(agrees).length >= gapsMs.length * STEADY_SHARE ? periodMs : null;
}

/** Median size of the answers of the requests that ran the blocks; 0 where none did. */
export function answerBytesOf(recording: Recording, list: readonly Block[]): number {
  const owners = new Set(list.filter(({ owner }) => owner > 0).map(({ proc, owner }) => `${proc} ${owner}`));
  const { requests } = recording.streams;
  const bytes: number[] = [];
  for (let row = 0; row < requests.rows && owners.size > 0; row++) {
    if (requests.bytes[row]! >= 0 && owners.has(`${requests.proc[row]} ${requests.id[row]}`)) bytes.push(requests.bytes[row]!);
  }
  return quantile(ascending(bytes), 0.5);
}
