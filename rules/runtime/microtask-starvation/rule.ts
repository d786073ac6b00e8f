import { blocks } from '../../../src/facts/blocks.js';
import { evidence, ledgerEvidence, percent, when } from '../../../src/facts/evidence.js';
import { type Explained, explainedBy, explainedOverall, ledgers } from '../../../src/facts/ledgers.js';
import { optional } from '../../../src/facts/reader.js';
import { sampling } from '../../../src/facts/sampling.js';
import { type Starvation, starvation } from '../../../src/facts/starvation.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Entry } from '../../../src/model/ledger.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** Of a route's slow requests, the share that the chains must hold. */
const EXPLAINS_SHARE = 0.2;
/** Beyond this an innocent route notices (RAIL: 100 ms feels instant, half of it is the budget of one task). */
const NOTICED_MS = 25;
const RECURRING_COUNT = 3;
const SHARE_OF_WINDOW = 0.01;
/** Of sampled requests: with fewer, that none waits for it may be chance. */
const FEWEST_BOOKED = 10;
/** RAIL's and Chromium's definition of a long task. */
const LONG_MS = 50;

export const rule: Rule = {
  id: 'runtime/microtask-starvation',
  title: 'Event loop starved by ticks or promises',
  stage: 'stable',
  mimics: ['runtime/event-loop-blocked', 'memory/gc-pressure', 'cpu/noisy-neighbour', 'threads/oversubscription'],
  causes: ['runtime/event-loop-blocked', 'http/error-responses'],
  needs: [starvation, blocks, ledgers],
  judge(get) {
    const chains = get(starvation);
    const findings = chains.map((chain) => accuse(get, chain)).filter((found) => found !== null);
    if (findings.length > 0) return { is: 'present', findings };
    const [most] = chains;
    const sampled = optional(get, sampling);
    if (most?.location && isHabit(get, most) && sampled && sampled.bookedRequests < FEWEST_BOOKED) {
      const few = `${most.count} chains of about ${most.medianCalls} ticks or continuations kept the loop from coming round, for ${most.medianMs.toFixed(0)} ms, but only ${sampled.bookedRequests} of ${sampled.requests} requests are booked`;
      return { is: 'inconclusive', because: evidence(few, 'booked requests', sampled.bookedRequests, 'requests', FEWEST_BOOKED) };
    }
    const says = most
      ? `${most.count} chains of about ${most.medianCalls} ticks or continuations kept the loop from coming round, for ${most.medianMs.toFixed(0)} ms; no request waits long for them`
      : `the loop came round within ${LONG_MS} ms of every chain of ticks or continuations`;
    return { is: 'absent', because: evidence(says, 'longest chain', most?.medianMs ?? 0, 'ms', LONG_MS) };
  },
};

function shareOf(get: FactReader, { totalMs }: Starvation): number {
  return (totalMs * 1000) / get(blocks).observedUs;
}

function isHabit(get: FactReader, chain: Starvation): boolean {
  return chain.count >= RECURRING_COUNT && shareOf(get, chain) >= SHARE_OF_WINDOW;
}

function accuse(get: FactReader, chain: Starvation): Present | null {
  const { location, count, medianMs, medianCalls, perCallUs, labels, routes } = chain;
  if (!location || !isHabit(get, chain)) return null;
  const share = shareOf(get, chain);
  const matches = ({ account, detail = '' }: Entry) =>
    (account === 'js/own' || account === 'js/other') && labels.some((label) => detail.endsWith(label));
  const held = explainedBy(get(ledgers), matches);
  const worst = [...held, ...explainedOverall(get(ledgers), matches), ...ownTime(get, chain, matches)]
    .filter(({ ms }) => ms >= NOTICED_MS)
    .sort((a, b) => b.share - a.share)[0];
  if (!worst || worst.share < EXPLAINS_SHARE) return null;
  const suffers = held.filter(({ route, ms }) => !routes.includes(route) && ms >= NOTICED_MS).map(({ route }) => route);
  const each = perCallUs >= 1000 ? `${(perCallUs / 1000).toFixed(1)} ms` : `${perCallUs.toFixed(0)} us`;
  const where = `${location.function} (${location.file}:${location.line})`;
  return {
    confidence: Math.min(0.95, 0.75 + 0.02 * count),
    symptom: 'latency',
    explainedShare: worst.share,
    summary: `${where} begins the next tick or continuation before the loop can go on: ${medianCalls} of them in a row, ${each} each, and for ${medianMs.toFixed(0)} ms no socket is read and no timer fires.`,
    route: routes[0] ?? worst.route,
    location,
    suffers,
    evidence: [
      evidence(
        `${count} times the loop did not come round once for ${medianMs.toFixed(0)} ms while about ${medianCalls} callbacks ended`,
        'chains',
        count,
        'chains',
        RECURRING_COUNT,
      ),
      evidence(`one of them takes ${each}: none is long by itself`, 'time per call', perCallUs / 1000, 'ms', LONG_MS),
      evidence(`they held the loop ${percent(share)} of the time`, 'share of window', share, 'share', SHARE_OF_WINDOW),
      ledgerEvidence(worst, 'are these chains', EXPLAINS_SHARE),
      ...when(suffers.slice(0, 5).join(', '), (names) =>
        evidence(`waiting behind them without being the cause: ${names}`, 'routes delayed', suffers.length, 'routes'),
      ),
    ],
    fixes: [
      {
        says: 'Give way to the loop between the parts with setImmediate: ticks and promises that are settled already run before it goes on.',
        code: 'import { setImmediate } from "node:timers/promises";\nfor (let i = 0; i < rows.length; i++) {\n  handle(rows[i]);\n  if (i % 100 === 99) await setImmediate();\n}',
        change: { kind: 'scale-account', account: 'js/other', factor: 0 },
      },
      { says: 'If the parts are computing, a worker thread does them without any of this.' },
    ],
  };
}

/** Where the work is so small that no function of it stands out, a request's own time has no name; no more of it than a chain is one. */
function ownTime(get: FactReader, { unnamed, routes, medianMs }: Starvation, matches: (entry: Entry) => boolean): Explained[] {
  if (!unnamed) return [];
  const all = get(ledgers);
  const theirs = { ...all, routes: new Map([...all.routes].filter(([route]) => routes.includes(route))) };
  const unnamedToo = (entry: Entry) => matches(entry) || (entry.account === 'js/own' && entry.detail === undefined);
  return explainedBy(theirs, unnamedToo).map((one) => {
    const ms = Math.min(one.ms, medianMs);
    return { ...one, ms, share: ms / Math.max(0.001, one.measuredMs) };
  });
}
