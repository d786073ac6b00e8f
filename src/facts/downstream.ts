import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { type Flood, floods } from './floods.js';
import { ledgerContext } from './ledgers.js';
import { optional } from './reader.js';
import { heaviestSite } from './sites.js';
import { ascending, grouped, quantile } from './stats.js';
import { window } from './window.js';

export interface Downstream {
  dest: string;
  calls: number;
  failed: number;
  /** Of requests that called it at all, the mean number of calls. */
  perRequest: number;
  p10Ms: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  /** The question that most of the time is spent on, where others are asked as well: among quick ones it is hidden in the figures above. */
  slowest: { question: string; calls: number; p10Ms: number; p50Ms: number; p90Ms: number } | null;
  /** On this machine. */
  local: boolean;
  /** Of most of its calls: one request makes so many at once that they queue for each other; how long one takes with nobody in its way. */
  flood: { atOnce: number; freeMs: number } | null;
  location: SourceLocation | null;
}

interface Call {
  durationMs: number;
  site: number;
  shape: string;
  failed: boolean;
  caller: string;
}

/** Outgoing HTTP and hand-written protocols by destination ("http://tax:8080", "tcp://10.0.0.7:9000"), slowest in sum first. */
export const downstreams: Fact<readonly Downstream[]> = {
  id: 'downstreams',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    const traced = recording.documents.processes.some((process) => process.features['owners']) || recording.streams.waits.rows > 0;
    if (!traced)
      return { ok: false, because: 'outgoing calls were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const byDest = new Map<string, Call[]>();
    for (const wait of get(ledgerContext).waits.all) {
      if ((wait.kind !== 'http' && wait.kind !== 'net') || wait.endUs < startUs || wait.startUs >= endUs) continue;
      const call = {
        durationMs: (wait.endUs - wait.startUs) / 1000,
        site: wait.site,
        shape: wait.shape,
        failed: wait.failed,
        caller: `${wait.proc} ${wait.owner}`,
      };
      const list = byDest.get(wait.dest);
      if (list) list.push(call);
      else byDest.set(wait.dest, [call]);
    }
    const value = [...byDest].map(([dest, calls]) => {
      const ms = durations(calls);
      const most = heaviestQuestion(calls);
      return {
        dest,
        calls: calls.length,
        failed: calls.filter((call) => call.failed).length,
        perRequest: calls.length / new Set(calls.map((call) => call.caller)).size,
        p10Ms: quantile(ms, 0.1),
        p50Ms: quantile(ms, 0.5),
        p90Ms: quantile(ms, 0.9),
        p99Ms: quantile(ms, 0.99),
        slowest: most.length === calls.length || most.length < FEWEST_OF_A_QUESTION ? null : describe(most),
        local: /\/\/(127\.|localhost|\[::1\])/.test(dest),
        flood: floodOf(optional(get, floods) ?? [], dest, calls.length),
        location: whoAsks(recording, calls, most),
      };
    });
    return { ok: true, value: value.sort((a, b) => b.p50Ms * b.calls - a.p50Ms * a.calls || (a.dest < b.dest ? -1 : 1)) };
  },
};

/** Fewer say nothing of how long its answers take. */
const FEWEST_OF_A_QUESTION = 5;

const durations = (calls: readonly Call[]) => ascending(calls.map((call) => call.durationMs));

function heaviestQuestion(calls: readonly Call[]): Call[] {
  const byShape = grouped(calls, ({ shape }) => shape);
  const totalMs = (list: readonly Call[]): number => list.reduce((sum, call) => sum + call.durationMs, 0);
  return [...byShape.values()].sort((a, b) => totalMs(b) - totalMs(a))[0]!;
}

function describe(calls: readonly Call[]): Downstream['slowest'] {
  const ms = durations(calls);
  const [p10Ms, p50Ms, p90Ms] = [0.1, 0.5, 0.9].map((q) => quantile(ms, q)) as [number, number, number];
  return { question: calls[0]!.shape, calls: calls.length, p10Ms, p50Ms, p90Ms };
}

/** A line that asks other questions as well is the program's client of that service: who asks this one is further out on the stack. */
function whoAsks(recording: Recording, calls: readonly Call[], most: readonly Call[]): SourceLocation | null {
  const heaviest = heaviestSite(
    recording,
    most,
    (call) => call.site,
    (call) => call.durationMs,
  );
  if (heaviest?.source !== 'app' || most.length === calls.length) return heaviest;
  const ownLines = (site: number) => (recording.documents.sites[site]?.frames ?? []).filter(({ source }) => source === 'app');
  const lineOf = ({ file, line }: SourceLocation): string => `${file}:${line}`;
  const others = new Set(calls.filter(({ shape }) => shape !== most[0]!.shape).flatMap(({ site }) => ownLines(site).map(lineOf)));
  const stacks = most.map(({ site }) => ownLines(site)).find(([first]) => first && lineOf(first) === lineOf(heaviest)) ?? [];
  return stacks.find((frame) => !others.has(lineOf(frame))) ?? heaviest;
}

/** Several times as long as alone: the calls queue for each other. */
const QUEUES = 3;

function floodOf(all: readonly Flood[], dest: string, calls: number): Downstream['flood'] {
  const queued = all.filter((flood) => flood.dest === dest && flood.callMs >= QUEUES * flood.freeMs);
  const flooding = queued.reduce((sum, { requests, atOnce }) => sum + requests * atOnce, 0);
  return flooding >= calls / 2 ? { atOnce: queued[0]!.atOnce, freeMs: queued[0]!.freeMs } : null;
}
