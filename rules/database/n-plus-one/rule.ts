import { atMost, evidence, ledgerEvidence, percent } from '../../../src/facts/evidence.js';
import { type Explained, explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { callsHold, type RepeatedCall, repeatedCalls } from '../../../src/facts/repeated-calls.js';
import { isStepwise } from '../../../src/facts/stepwise.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** Sentry's detector of the same asks for five as well; below that, code that simply has several things to ask looks alike. */
const REPEATS = 5;
/** Of a request's time, from the first call to the last answer. */
const EXPLAINS_SHARE = 0.4;
/** Of a route's time that is waiting for the answers: else it is our own computing between the calls that takes long. */
const WAITS_SHARE = 0.2;
/** Ten times what one call for all takes on one machine; over a network the same series takes ten times as long again. */
const NOTICED_MS = 3;
const FEWEST_REQUESTS = 5;
/** Of the calls whose line is known; the first round of a loop can't be told from its surroundings. */
const ONE_LINE = 0.6;
export const rule: Rule = {
  id: 'database/n-plus-one',
  title: 'N+1: one call for each row',
  stage: 'stable',
  mimics: ['network/slow-downstream', 'runtime/event-loop-blocked'],
  causes: ['network/slow-downstream', 'http/error-responses'],
  needs: [repeatedCalls, ledgers],
  judge(get) {
    const repeated = get(repeatedCalls).filter(({ question }) => !isStepwise(question));
    const findings = perLoop(repeated.map((call) => accuse(get, call)).filter((found) => found !== null));
    if (findings.length > 0) return { is: 'present', findings };
    const [most] = repeated.filter(({ requests }) => requests >= FEWEST_REQUESTS);
    if (!most) return { is: 'absent', because: evidence('no request asks others anything', 'calls in series', 0, 'calls', REPEATS) };
    const held = waitingFor(get, most);
    const says = `at most ${most.seriesP50} times in series does a request (${most.route}) ask ${named(most)}; it holds ${atMost(held)}`;
    return { is: 'absent', because: evidence(says, 'calls in series', most.seriesP50, 'calls', REPEATS) };
  },
};

function waitingFor(get: FactReader, { route, entries, spanP90Ms }: RepeatedCall): Explained | undefined {
  const held = explainedBy(get(ledgers), ({ account, detail }) => entries.has(`${account} ${detail ?? ''}`)).find(
    (one) => one.route === route,
  );
  // The ledger does not tell apart what else the same server is asked.
  const ms = Math.min(held?.ms ?? 0, spanP90Ms);
  return held && { ...held, ms, share: ms / held.measuredMs };
}

interface Accused {
  call: RepeatedCall;
  held: Explained;
}

function accuse(get: FactReader, call: RepeatedCall): Accused | null {
  if (call.seriesP50 < REPEATS || call.requests < FEWEST_REQUESTS || call.lineShare < ONE_LINE || !call.location) return null;
  if (call.spanP50Ms < NOTICED_MS || call.spanShare < EXPLAINS_SHARE) return null;
  const held = waitingFor(get, call);
  return held && (held.share >= WAITS_SHARE || callsHold(get, call, EXPLAINS_SHARE)) ? { call, held } : null;
}

/** A loop that asks several things each time is one illness. */
function perLoop(accused: readonly Accused[]): Present[] {
  const loops = new Map<string, Accused[]>();
  for (const one of accused) {
    const key = `${one.call.route} ${one.call.location?.file} ${one.call.location?.function}`;
    loops.set(key, [...(loops.get(key) ?? []), one]);
  }
  return [...loops.values()].map((loop) => describe(loop.sort((a, b) => b.held.ms - a.held.ms)));
}

function describe(loop: readonly Accused[]): Present {
  const [{ call, held }] = loop as [Accused];
  const { route, server, seriesP10, seriesP50, seriesP90, callP50Ms, spanP50Ms, spanShare, requests, location } = call;
  const savedMs = spanP50Ms * (1 - 1 / seriesP50);
  const times = seriesP10 === seriesP90 ? `${seriesP50}` : `${seriesP50} (${seriesP10} to ${seriesP90})`;
  const place = location ? ` at ${location.file}:${location.line}` : '';
  return {
    confidence: Math.min(0.97, 0.75 + 0.15 * spanShare + (seriesP90 > seriesP10 ? 0.07 : 0)),
    symptom: 'latency',
    explainedShare: spanShare,
    summary: `${route} asks ${named(call)} ${times} times, one call for each row, in a loop${place}; one after another that takes ${spanP50Ms.toFixed(0)} ms.`,
    route,
    ...(location ? { location } : {}),
    evidence: [
      evidence(
        `${requests} requests asked ${named(call)} ${times} times each, every time after the answer before had come`,
        'calls in series',
        seriesP50,
        'calls',
        REPEATS,
      ),
      evidence(
        `from the first call to the last answer: ${spanP50Ms.toFixed(1)} ms, ${percent(spanShare)} of a typical request of ${route}`,
        'share of the request',
        spanShare,
        'share',
        EXPLAINS_SHARE,
      ),
      ledgerEvidence(held, `are waiting for these answers, ${callP50Ms.toFixed(1)} ms each`, WAITS_SHARE),
      ...loop.slice(1).map((other) => ledgerEvidence(other.held, `are ${named(other.call)} in the same loop`, WAITS_SHARE)),
      evidence(`one call for all of them would save about ${savedMs.toFixed(0)} ms of a typical request`, 'time saved', savedMs, 'ms'),
    ],
    fixes: [
      {
        says: `Collect the keys and ask ${server} once for all of them.`,
        code: "const rows = await db.query('SELECT * FROM users WHERE id = ANY($1)', [ids]); // or a join, MGET, GET /users?ids=1,2,3",
        change: { kind: 'scale-account', account: accountOf(call), factor: 1 / seriesP50 },
      },
      { says: 'Where the other side has no call for several, ask at the same time, a bounded number at once.' },
    ],
  };
}

function accountOf({ entries }: RepeatedCall): 'db/execute' | 'cache/execute' | 'http/response' | 'net/response' {
  const account = [...entries][0]?.split(' ')[0];
  return account === 'db/execute' || account === 'cache/execute' || account === 'http/response' ? account : 'net/response';
}

function named({ question, server }: RepeatedCall): string {
  return question ? `${server} "${question}"` : server;
}
