import type { Wait } from '../ledger/waits.js';
import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { independent } from './independence.js';
import { ledgerContext } from './ledgers.js';
import { type Request, requests } from './requests.js';
import { ascending, quantile, thin } from './stats.js';

/** Awaits of one function that stand one after another and do not need each other's answers, as far as its text tells. */
export interface SerialAwaits {
  route: string;
  /** In order; `ms`: median from the first wait that the line begins to the end of its last. */
  steps: { location: SourceLocation; ms: number; dest: string }[];
  /** Medians: of their sum, of what is left when all begin together, and of the route's requests. */
  sumMs: number;
  longestMs: number;
  requestMs: number;
  requests: number;
}

/** What another process or thread does for us: that can go on side by side. */
const ELSEWHERE = /^(http|net|child|worker|timer|(db|cache)\/execute|pool\/.*)$/;
/** Of so many requests of a route, each step has to be there, and in this order, in nearly all. */
const FEWEST_REQUESTS = 8;
const NEARLY_ALL = 0.8;
const MOST_REQUESTS = 200;
/** Begun together, one may still end a little before the other begins on the clock. */
const OVERLAP_US = 500;

interface Step {
  startUs: number;
  endUs: number;
  dest: string;
  location: SourceLocation;
}

/** Longest saving first. */
export const serialAwaits: Fact<readonly SerialAwaits[]> = {
  id: 'serial-awaits',
  compute(recording, get) {
    const { waits } = get(ledgerContext);
    const traced = recording.documents.processes.some((process) => process.features['owners']) || recording.streams.waits.rows > 0;
    if (!traced) return { ok: false, because: 'waits were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const byRoute = new Map<string, Request[]>();
    for (const request of get(requests)) {
      if (!request.server?.walkable || request.server.sampledOut) continue;
      const list = byRoute.get(request.route);
      if (list) list.push(request);
      else byRoute.set(request.route, [request]);
    }
    const found = [...byRoute].flatMap(([route, list]): SerialAwaits[] => {
      if (list.length < FEWEST_REQUESTS) return [];
      const some = thin(list, MOST_REQUESTS);
      const lists = some.map(({ server }) => waits.of(server!.proc, server!.id).filter((wait) => ELSEWHERE.test(wait.kind) && !wait.open));
      const requestMs = quantile(ascending(some.map(({ startUs, endUs }) => (endUs - startUs) / 1000)), 0.5);
      return functionsOf(recording, lists).flatMap((name) => {
        const series = seriesOf(recording, lists, name);
        return series ? [{ route, requestMs, requests: list.length, ...series }] : [];
      });
    });
    const savedMs = (one: SerialAwaits): number => one.sumMs - one.longestMs;
    return { ok: true, value: found.sort((a, b) => savedMs(b) - savedMs(a)) };
  },
};

const nameOf = ({ file, function: name }: SourceLocation): string => `${file}\n${name}`;

function ownFrames(recording: Recording, { site }: Wait): SourceLocation[] {
  return (recording.documents.sites[site]?.frames ?? []).filter(({ source }) => source === 'app');
}

/** Functions from which waits begin at two lines or more. */
function functionsOf(recording: Recording, lists: readonly (readonly Wait[])[]): string[] {
  const lines = new Map<string, Set<number>>();
  const seen = new Set<number>();
  for (const wait of lists.flat()) {
    if (seen.has(wait.site)) continue;
    seen.add(wait.site);
    for (const frame of ownFrames(recording, wait)) {
      const known = lines.get(nameOf(frame)) ?? new Set<number>();
      lines.set(nameOf(frame), known.add(frame.line));
    }
  }
  return [...lines].filter(([, { size }]) => size > 1).map(([name]) => name);
}

function seriesOf(
  recording: Recording,
  lists: readonly (readonly Wait[])[],
  name: string,
): Pick<SerialAwaits, 'steps' | 'sumMs' | 'longestMs'> | null {
  const requests = lists.map((list) => stepsOf(recording, list, name));
  const counts = new Map<number, number>();
  for (const steps of requests) for (const line of steps.keys()) counts.set(line, (counts.get(line) ?? 0) + 1);
  const usual = [...counts].filter(([, count]) => count >= NEARLY_ALL * lists.length).map(([line]) => line);
  let best: number[] = [];
  let run: number[] = [];
  for (const line of usual.sort((a, b) => a - b)) {
    const follows = run.length > 0 && oneAfterAnother(requests, run.at(-1)!, line);
    const file = name.slice(0, name.indexOf('\n'));
    if (!follows || !run.every((before) => independent(recording, file, before, line) === true)) run = [];
    run.push(line);
    if (run.length > best.length) best = [...run];
  }
  if (best.length < 2) return null;
  const all = requests.filter((steps) => best.every((line) => steps.has(line)));
  const usOf = (steps: ReadonlyMap<number, Step>, line: number): number => steps.get(line)!.endUs - steps.get(line)!.startUs;
  const median = (of: (steps: ReadonlyMap<number, Step>) => number): number => quantile(ascending(all.map(of)), 0.5) / 1000;
  return {
    steps: best.map((line) => {
      const { location, dest } = all[0]!.get(line)!;
      return { location, dest, ms: median((steps) => usOf(steps, line)) };
    }),
    sumMs: median((steps) => best.reduce((sum, line) => sum + usOf(steps, line), 0)),
    longestMs: median((steps) => Math.max(...best.map((line) => usOf(steps, line)))),
  };
}

/** One request's waits by the line of the function that began them. */
function stepsOf(recording: Recording, list: readonly Wait[], name: string): Map<number, Step> {
  const steps = new Map<number, Step>();
  for (const wait of list) {
    const location = ownFrames(recording, wait).find((frame) => nameOf(frame) === name);
    if (!location) continue;
    const known = steps.get(location.line);
    if (!known) steps.set(location.line, { startUs: wait.startUs, endUs: wait.endUs, dest: wait.dest || wait.kind, location });
    else {
      known.startUs = Math.min(known.startUs, wait.startUs);
      known.endUs = Math.max(known.endUs, wait.endUs);
    }
  }
  return steps;
}

function oneAfterAnother(requests: readonly ReadonlyMap<number, Step>[], first: number, second: number): boolean {
  const both = requests.filter((steps) => steps.has(first) && steps.has(second));
  const inOrder = both.filter((steps) => steps.get(second)!.startUs >= steps.get(first)!.endUs - OVERLAP_US);
  return both.length > 0 && inOrder.length >= NEARLY_ALL * both.length;
}
