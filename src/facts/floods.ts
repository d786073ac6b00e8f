import type { Wait } from '../ledger/waits.js';
import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { ledgerContext } from './ledgers.js';
import { ascending, grouped, largest, quantile, smallest } from './stats.js';
import { window } from './window.js';

/** One place that begins many calls at once, on behalf of one request, so that they queue for what answers them. */
export interface Flood {
  /** "http://stock:8080", "postgres://...", "fs.readFile". */
  dest: string;
  route: string;
  /** Requests that did it. */
  requests: number;
  /** Calls of one request under way at the same time, median over those requests. */
  atOnce: number;
  /** From the first call of a request to the last answer, median. */
  spanMs: number;
  /** How long a call took in it, median, and how long it takes with nobody in its way: the first of them, or the same question elsewhere. */
  callMs: number;
  freeMs: number;
  /** Calls that asked the same at other times, for other requests. */
  alone: number;
  /** Calls of other requests to the same destination, in the meantime and otherwise: median; null where there were too few. */
  others: { duringMs: number; elseMs: number } | null;
  /** Where the calls are begun, the loop rather than what it calls. */
  location: SourceLocation | null;
}

const CALL = /^(http|net|(db|cache)\/(pool-wait|execute)|pool\/.*)$/;
/** As many as this at once are worth a look. */
const MANY = 20;
/** The quickest twentieth had nobody in its way. */
const FREE = 0.05;
const FEWEST_OTHERS = 10;
/** A few that nobody is in the way of tell how long one takes. */
const FEWEST_ALIKE = 4;

interface Burst {
  calls: Call[];
  atOnce: number;
  startUs: number;
  endUs: number;
}
type Call = Wait & { proc: number; owner: number };

/** By destination and route; most time in sum first. */
export const floods: Fact<readonly Flood[]> = {
  id: 'floods',
  compute(recording, get) {
    const { startUs, endUs } = get(window);
    const { waits, routeOf } = get(ledgerContext);
    const traced = recording.documents.processes.some((process) => process.features['owners']) || recording.streams.waits.rows > 0;
    if (!traced) return { ok: false, because: 'waits were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const byDest = new Map<string, Map<string, Call[]>>();
    for (const wait of waits.all) {
      if (!CALL.test(wait.kind) || wait.endUs <= startUs || wait.startUs >= endUs || wait.open) continue;
      const dest = serverOf(wait.dest || wait.kind);
      const owners = byDest.get(dest) ?? new Map<string, Call[]>();
      byDest.set(dest, owners);
      const list = owners.get(`${wait.proc} ${wait.owner}`);
      if (list) list.push(wait);
      else owners.set(`${wait.proc} ${wait.owner}`, [wait]);
    }
    const found = [...byDest].flatMap(([dest, owners]): Flood[] => {
      const many = [...owners.values()].filter((calls) => calls.length >= MANY).map(burstOf);
      const byRoute = grouped(
        many.filter(({ atOnce }) => atOnce >= MANY),
        ({ calls: [first] }) => routeOf(first!.proc, first!.owner),
      );
      const all = [...owners.values()].flat();
      return [...byRoute].flatMap(([route, bursts]) => (route === null ? [] : [describe(recording, { dest, route, bursts, all })]));
    });
    return { ok: true, value: found.sort((a, b) => b.spanMs * b.requests - a.spanMs * a.requests) };
  },
};

function serverOf(dest: string): string {
  const blank = dest.indexOf(' ');
  return blank < 0 ? dest : dest.slice(0, blank);
}

const msOf = (span: { startUs: number; endUs: number }): number => (span.endUs - span.startUs) / 1000;
const medianMs = (spans: readonly { startUs: number; endUs: number }[], q = 0.5): number => quantile(ascending(spans.map(msOf)), q);

/** One request's calls around the moment at which most of them are under way. */
function burstOf(calls: readonly Call[]): Burst {
  const edges = calls.flatMap(({ startUs, endUs }) => [{ us: startUs, step: 1 }, { us: endUs, step: -1 }]); // biome-ignore format: a pair
  edges.sort((a, b) => a.us - b.us || a.step - b.step);
  let open = 0;
  let atOnce = 0;
  let peakUs = 0;
  for (const { us, step } of edges) {
    open += step;
    if (open > atOnce) [atOnce, peakUs] = [open, us];
  }
  const around = calls.filter((call) => call.startUs <= peakUs && call.endUs > peakUs);
  return {
    calls: around,
    atOnce,
    startUs: smallest(around.map(({ startUs }) => startUs)),
    endUs: largest(around.map(({ endUs }) => endUs)),
  };
}

function describe(
  recording: Recording,
  { dest, route, bursts, all }: { dest: string; route: string; bursts: readonly Burst[]; all: readonly Call[] },
): Flood {
  const flooding = new Set(bursts.flatMap(({ calls }) => calls.map(({ proc, owner }) => `${proc} ${owner}`)));
  const others = all.filter(({ proc, owner }) => !flooding.has(`${proc} ${owner}`));
  const meets = (call: Call): boolean => bursts.some((burst) => call.startUs < burst.endUs && call.endUs > burst.startUs);
  const during = others.filter(meets);
  const otherwise = others.filter((call) => !meets(call));
  const calls = bursts.flatMap((burst) => burst.calls);
  // Only what asks the same takes as long where nobody is in its way.
  const shapes = new Set(calls.map(({ shape }) => shape));
  const alike = otherwise.filter(({ shape }) => shape !== '' && shapes.has(shape));
  const enough = during.length >= FEWEST_OTHERS && otherwise.length >= FEWEST_OTHERS;
  return {
    dest,
    route,
    requests: bursts.length,
    atOnce: quantile(ascending(bursts.map(({ atOnce }) => atOnce)), 0.5),
    spanMs: medianMs(bursts),
    callMs: medianMs(calls),
    freeMs: Math.min(medianMs(calls, FREE), alike.length >= FEWEST_ALIKE ? medianMs(alike) : Number.POSITIVE_INFINITY),
    alone: alike.length,
    others: enough ? { duringMs: medianMs(during), elseMs: medianMs(otherwise) } : null,
    location: loopOf(recording, calls),
  };
}

const ITERATING = /^(Array|Set|Map)?\.?(map|forEach|flatMap|from|reduce)$/;

/** Text that begins calls one after another without waiting. */
const BEGINS_MANY = /\b(for|while)\s*\(|\.(map|forEach|flatMap|push)\s*\(|Promise\.all/;
/** A loop stands this close above what it calls. */
const LINES_ABOVE = 2;

/** The user's line whose `map` or `forEach` begins the calls; else the innermost that stands in a loop, as far as the source shows. */
function loopOf(recording: Recording, calls: readonly Call[]): SourceLocation | null {
  const weights = new Map<number, number>();
  for (const { site } of calls) if (site >= 0) weights.set(site, (weights.get(site) ?? 0) + 1);
  const [heaviest] = [...weights].sort((a, b) => b[1] - a[1]);
  if (!heaviest) return null;
  const { frames } = recording.documents.sites[heaviest[0]]!;
  const iterating = frames.findIndex(({ source, function: name }) => source !== 'app' && ITERATING.test(name));
  const looping = iterating < 0 ? undefined : frames.slice(iterating).find(({ source }) => source === 'app');
  const own = frames.filter(({ source }) => source === 'app');
  return looping ?? own.find((frame) => BEGINS_MANY.test(textAbove(recording, frame))) ?? own[0] ?? null;
}

function textAbove(recording: Recording, { file, line }: SourceLocation): string {
  const lines = recording.documents.sources.flatMap((source) => {
    const at = line - source.firstLine;
    return source.file === file && at >= 0 ? source.lines.slice(Math.max(0, at - LINES_ABOVE), at + 1) : [];
  });
  return lines.join('\n');
}
