import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { callSite } from './sites.js';
import { ascending, quantile } from './stats.js';
import { type Window, window } from './window.js';

/** Open descriptors of the process in which they grew most. */
export interface OpenFiles {
  proc: number;
  start: number;
  end: number;
  /** Lowest number in each quarter of the window. */
  floors: readonly number[];
  /** Of what came about in the window, sockets; null where they were not told apart. */
  socketsGrown: number | null;
  /** How many the process may have; null where nothing limits them, or nobody knows. */
  limit: number | null;
  /** Clients' connections that carried their first request in the window: as many sockets are no leak. */
  newConnections: number;
  /** Where the program opened what is still open, most first. */
  openers: { location: SourceLocation; count: number }[];
}

const QUARTERS = 4;
/** Of an even step from quarter to quarter. */
const EVEN_SHARE = 0.4;

export const openFiles: Fact<OpenFiles> = {
  id: 'open-files',
  compute(recording, get) {
    const view = get(window);
    const all = recording.documents.processes
      .map(({ role }, proc) => (role === 'target' ? ofProcess(recording, view, proc) : null))
      .filter((one) => one !== null)
      .sort((a, b) => b.end - b.start - (a.end - a.start));
    if (all[0]) return { ok: true, value: all[0] };
    return { ok: false, because: 'open files were not counted throughout', enable: 'record on Linux, for 5 s or more' };
  },
};

/** Whether their number rose all the while: each quarter's lowest is above the one before by its share of the whole. */
export function risesSteadily({ floors }: Pick<OpenFiles, 'floors'>): boolean {
  const rise = floors.at(-1)! - floors[0]!;
  const least = (EVEN_SHARE * rise) / (floors.length - 1);
  return rise > 0 && floors.every((floor, i) => i === 0 || floor - floors[i - 1]! >= least);
}

function ofProcess(recording: Recording, view: Window, proc: number): OpenFiles | null {
  const { process } = recording.streams;
  const quarters: number[][] = Array.from({ length: QUARTERS }, () => []);
  const seen: number[] = [];
  for (let row = 0; row < process.rows; row++) {
    const at = (process.tUs[row]! - view.startUs) / view.durationUs;
    if (process.proc[row] !== proc || process.fds[row]! < 0 || at < 0 || at >= 1) continue;
    quarters[Math.floor(at * QUARTERS)]!.push(process.fds[row]!);
    seen.push(row);
  }
  if (quarters.some((counts) => counts.length === 0)) return null;
  const [first, last] = [seen[0]!, seen.at(-1)!];
  const limit = process.fdLimit[last]!;
  const sockets = [process.sockets[first]!, process.sockets[last]!] as const;
  return {
    proc,
    start: process.fds[first]!,
    end: process.fds[last]!,
    floors: quarters.map((counts) => quantile(ascending(counts), 0)),
    socketsGrown: sockets[0] >= 0 && sockets[1] >= 0 ? sockets[1] - sockets[0] : null,
    limit: limit > 0 ? limit : null,
    newConnections: newConnections(recording, view, proc),
    openers: openersOf(recording, view, proc, process.fds[last]! - process.fds[first]!),
  };
}

function newConnections(recording: Recording, view: Window, proc: number): number {
  const { requests } = recording.streams;
  const firstUs = new Map<number, number>();
  for (let row = 0; row < requests.rows; row++) {
    const port = requests.port[row]!;
    if (requests.proc[row] !== proc || port < 0) continue;
    firstUs.set(port, Math.min(firstUs.get(port) ?? Number.POSITIVE_INFINITY, requests.startUs[row]!));
  }
  return [...firstUs.values()].filter((us) => us >= view.startUs && us < view.endUs).length;
}

function openersOf(recording: Recording, view: Window, proc: number, grown: number): OpenFiles['openers'] {
  const counts = new Map<string, { location: SourceLocation; count: number }>();
  const add = (location: SourceLocation | null, count: number) => {
    if (!location) return;
    const key = `${location.file}:${location.line}`;
    const known = counts.get(key);
    if (known) known.count += count;
    else counts.set(key, { location, count });
  };
  for (const one of recording.documents.openFiles ?? []) if (one.proc === proc) add(callSite(recording, one.site), one.count);
  const seen = [...counts.values()].reduce((sum, { count }) => sum + count, 0);
  const unseen = handleOpener(recording, view, proc, grown - seen);
  if (unseen) add(unseen, grown - seen);
  return [...counts.values()].sort(
    (a, b) => Number(b.location.source === 'app') - Number(a.location.source === 'app') || b.count - a.count,
  );
}

/** A place that opens about as many as stay open, or all that are opened. */
const ABOUT = [0.7, 1.4] as const;

/** Handles of fs.promises tell nobody their number; but each call that asks for one is a wait. Named where only one place can be meant. */
function handleOpener(recording: Recording, view: Window, proc: number, missing: number): SourceLocation | null {
  if (missing < 1) return null;
  const { waits } = recording.streams;
  const calls = new Map<string, { location: SourceLocation; count: number }>();
  for (let row = 0; row < waits.rows; row++) {
    const within = waits.startUs[row]! >= view.startUs && waits.startUs[row]! < view.endUs;
    if (!within || waits.proc[row] !== proc || recording.strings[waits.dest[row]!] !== 'fs.open') continue;
    const location = callSite(recording, waits.site[row]!);
    if (location?.source !== 'app') continue;
    const key = `${location.file}:${location.line}`;
    const known = calls.get(key);
    if (known) known.count++;
    else calls.set(key, { location, count: 1 });
  }
  const all = [...calls.values()];
  const fitting = all.length === 1 ? all : all.filter(({ count }) => count >= ABOUT[0] * missing && count <= ABOUT[1] * missing);
  return fitting.length === 1 ? fitting[0]!.location : null;
}
