import type { Wait } from '../ledger/waits.js';
import type { Fact } from '../model/fact.js';
import type { Recording, SourceLocation } from '../model/recording.js';
import { ledgerContext } from './ledgers.js';
import { loopLine } from './loop-site.js';
import { type Request, requests } from './requests.js';
import { ascending, grouped, quantile } from './stats.js';
import { window } from './window.js';

/** A question that requests of a route ask again when it failed or was refused. */
export interface Retries {
  route: string;
  /** "http://rates:8080", "postgres://...". */
  server: string;
  question: string;
  /** Questions meant, and calls that were made for them. */
  asked: number;
  calls: number;
  failed: number;
  /** Questions that were asked more than once, and of those never answered. */
  repeated: number;
  givenUp: number;
  /** Calls for one of those, median and most. */
  tries: number;
  mostTries: number;
  /** From a failure to the next call, median; how much longer the last such pause of a question is than the first, median. */
  pauseMs: number;
  pauseGrowth: number;
  /** Requests of the route that asked again, 0..1; from their first failure to the last answer, median, and as a share of their time. */
  requestShare: number;
  againMs: number;
  againShare: number;
  /**
   * After an answer the same is not asked again, as it is by a loop over rows: 0..1 of the answers. 1 where numbers tell that exactly the
   * same was asked; null where there were too few answers to tell.
   */
  endsShare: number | null;
  /** The user's line that asks again. */
  location: SourceLocation | null;
}

/** Calls for one question, in order: all but the last failed. */
interface Question {
  calls: Wait[];
  request: Request;
  answered: boolean;
}

const CALL = /^(http|net|(db|cache)\/(connect|execute))$/;
const FEWEST_ANSWERS = 5;
/** Another try begins a little after the failure, on the same clock. */
const OVERLAP_US = 500;

/** By question and route, most calls too many first. */
export const retries: Fact<readonly Retries[]> = {
  id: 'retries',
  compute(recording, get) {
    const { startUs } = get(window);
    const { waits } = get(ledgerContext);
    if (recording.streams.turns.rows === 0)
      return { ok: false, because: 'calls of requests were not recorded', enable: 'record with --depth standard and a Node.js target' };
    const groups = new Map<string, { questions: Question[]; ends: number; answers: number }>();
    const watched = new Map<string, number>();
    for (const request of get(requests)) {
      if (!request.server || request.server.sampledOut || request.startUs < startUs) continue;
      watched.set(request.route, (watched.get(request.route) ?? 0) + 1);
      for (const [key, calls] of alike(waits.of(request.server.proc, request.server.id))) {
        const name = `${request.route}\n${key}`;
        const group = groups.get(name) ?? { questions: [], ends: 0, answers: 0 };
        groups.set(name, group);
        const found = questionsIn(calls, request);
        group.questions.push(...found);
        const answered = found.filter((question) => question.answered);
        group.answers += answered.length;
        group.ends += answered.filter((question) => question === found.at(-1)).length;
      }
    }
    const value = [...groups.values()].map(({ questions, ends, answers }) =>
      describe(recording, questions, watched, answers >= FEWEST_ANSWERS ? ends / answers : null),
    );
    return { ok: true, value: value.sort((a, b) => b.calls - b.asked - (a.calls - a.asked)) };
  },
};

const failedOf = ({ failed, refused }: Wait): boolean => failed || refused;

function alike(waits: readonly Wait[]): Map<string, Wait[]> {
  const calls = waits.filter(({ kind, dest }) => CALL.test(kind) && dest !== '(other)');
  return grouped(calls, ({ kind, dest, shape }) => `${kind} ${dest}\n${shape}`);
}

function questionsIn(calls: readonly Wait[], request: Request): Question[] {
  const found: Question[] = [];
  for (const call of [...calls].sort((a, b) => a.startUs - b.startUs)) {
    // The oldest that still has no answer: what is asked side by side fails and is asked again side by side.
    const open = found.find(({ answered, calls: tried }) => {
      const last = tried.at(-1)!;
      return !answered && last.same === call.same && last.endUs <= call.startUs + OVERLAP_US;
    });
    if (open) open.calls.push(call);
    const question = open ?? { calls: [call], request, answered: false };
    question.answered = !failedOf(call);
    if (!open) found.push(question);
  }
  return found;
}

function describe(
  recording: Recording,
  questions: readonly Question[],
  watched: ReadonlyMap<string, number>,
  endsShare: number | null,
): Retries {
  const [{ calls: first, request }] = questions as [Question];
  const { dest, shape, same } = first[0]!;
  const blank = dest.indexOf(' ');
  const calls = questions.flatMap((question) => question.calls);
  const repeated = questions.filter((question) => question.calls.length > 1);
  const pauses = repeated.map((question) => question.calls.slice(1).map((call, i) => Math.max(0, call.startUs - question.calls[i]!.endUs)));
  const growths = pauses.filter(({ length }) => length > 1).map((list) => (list.at(-1)! + 1000) / (list[0]! + 1000));
  const again = longestByRequest(repeated);
  const tries = ascending(repeated.map((question) => question.calls.length));
  const asking = new Set(repeated.map((question) => question.request));
  return {
    route: request.route,
    server: blank < 0 ? dest : dest.slice(0, blank),
    question: blank < 0 ? shape : dest.slice(blank + 1),
    asked: questions.length,
    calls: calls.length,
    failed: calls.filter(failedOf).length,
    repeated: repeated.length,
    givenUp: repeated.filter(({ answered }) => !answered).length,
    tries: quantile(tries, 0.5),
    mostTries: quantile(tries, 1),
    pauseMs: quantile(ascending(pauses.flat()), 0.5) / 1000,
    pauseGrowth: quantile(ascending(growths), 0.5),
    requestShare: asking.size / Math.max(1, watched.get(request.route) ?? 0),
    againMs: quantile(ascending(again.map(({ us }) => us)), 0.5) / 1000,
    againShare: quantile(ascending(again.map(({ us, request: one }) => Math.min(1, us / Math.max(1, one.endUs - one.startUs)))), 0.5),
    endsShare: same >= 0 ? 1 : endsShare,
    location: againLine(recording, repeated),
  };
}

/** Of a request that asks several things again, the one that took longest. */
function longestByRequest(repeated: readonly Question[]): { request: Request; us: number }[] {
  const longest = new Map<Request, number>();
  for (const { request, calls } of repeated) {
    longest.set(request, Math.max(longest.get(request) ?? 0, calls.at(-1)!.endUs - calls[0]!.endUs));
  }
  return [...longest].map(([request, us]) => ({ request, us }));
}

/** The first call still runs below the handler; the loop that makes the others goes on by itself. */
function againLine(recording: Recording, repeated: readonly Question[]): SourceLocation | null {
  const lines = new Map<string, { location: SourceLocation; calls: number }>();
  for (const { site } of repeated.flatMap(({ calls }) => calls.slice(1))) {
    const location = loopLine(recording, site);
    if (!location) continue;
    const line = lines.get(`${location.file}:${location.line}`) ?? { location, calls: 0 };
    lines.set(`${location.file}:${location.line}`, line);
    line.calls++;
  }
  return [...lines.values()].sort((a, b) => b.calls - a.calls)[0]?.location ?? null;
}
