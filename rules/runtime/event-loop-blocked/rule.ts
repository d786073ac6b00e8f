import { wordsFor } from '../../../src/facts/block-words.js';
import { type BlockGroup, blocks } from '../../../src/facts/blocks.js';
import { evidence, ledgerEvidence, percent, when } from '../../../src/facts/evidence.js';
import { explainedBy, explainedOverall, ledgers } from '../../../src/facts/ledgers.js';
import { optional } from '../../../src/facts/reader.js';
import { saturatedFinding, saturation } from '../../../src/facts/saturation.js';
import { stuckFinding, stuckLoops } from '../../../src/facts/stuck-loops.js';
import { crowdedOut, threadPressure } from '../../../src/facts/threads.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Entry } from '../../../src/model/ledger.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** Of a route's slow requests, the share that one function's blocks must hold before it is accused. */
const EXPLAINS_SHARE = 0.2;
/** A block that recurs is an illness; one alone (a cold start, a signal handler) only when it took this share of the window. */
const RECURRING_COUNT = 3;
const LONE_SHARE_OF_WINDOW = 0.1;
const BLOCKED_SHARE_OF_WINDOW = 0.01;
/** Beyond this an innocent route notices (RAIL: 100 ms feels instant, half of it is the budget of one task). */
const NOTICED_MS = 25;
/** Of all requests: then they are the slowest percent. */
const BEHIND_SHARE = 0.01;
/** Where others crowd the target out, what is known of lost cores is a lower bound, and shared caches slow the rest: twice RAIL's 50 ms. */
const CROWDED_MS = 100;
/** Long tasks of servers end within a second or two. */
const STUCK_MS = 2000;

export const rule: Rule = {
  id: 'runtime/event-loop-blocked',
  title: 'Event loop blocked',
  stage: 'stable',
  mimics: [
    'memory/gc-pressure',
    'threads/oversubscription',
    'threads/pool-starvation',
    'network/slow-downstream',
    'cpu/quota-throttled',
    'cpu/noisy-neighbour',
  ],
  causes: ['memory/gc-pressure', 'http/error-responses'],
  needs: [stuckLoops],
  judge(get) {
    const stuck = get(stuckLoops).filter((loop) => loop.lastedMs >= STUCK_MS && !loop.startingUp);
    if (stuck.length > 0) return { is: 'present', findings: stuck.map(stuckFinding) };
    const { groups, longestCpuMs, longestWallMs, busyShare } = get(blocks);
    const findings = groups.map((group) => accuse(get, group)).filter((found) => found !== null);
    if (findings.length > 0) return { is: 'present', findings };
    const full = optional(get, saturation);
    if (full?.queue) return { is: 'present', findings: [saturatedFinding(full, full.queue)] };
    const crowded = groups[0] && crowdedOut(optional(get, threadPressure));
    if (crowded) {
      const unsure = `tasks of ${groups[0]!.medianCpuMs.toFixed(0)} ms were seen, but ${crowded}: alone, they may well be short`;
      return { is: 'inconclusive', because: evidence(unsure, 'task', groups[0]!.medianCpuMs, 'ms', CROWDED_MS) };
    }
    const onTheClock = `${longestWallMs.toFixed(0)} ms on the clock, most of it waiting for a core or collecting garbage`;
    const stretched = longestWallMs > 2 * Math.max(1, longestCpuMs) ? ` (${onTheClock})` : '';
    const says = `the longest task computed for ${longestCpuMs.toFixed(0)} ms${stretched}; the loop was free ${((1 - busyShare) * 100).toFixed(0)} % of the time`;
    return { is: 'absent', because: evidence(says, 'longest task', longestCpuMs, 'ms', 50) };
  },
};

function accuse(get: FactReader, group: BlockGroup): Present | null {
  const { label, count, medianCpuMs, maxCpuMs, routes, path } = group;
  if (medianCpuMs < CROWDED_MS && crowdedOut(optional(get, threadPressure))) return null;
  const share = (group.totalCpuMs * 1000) / get(blocks).observedUs;
  const recurs = count >= RECURRING_COUNT && share >= BLOCKED_SHARE_OF_WINDOW;
  if (!recurs && share < LONE_SHARE_OF_WINDOW) return null;
  const { cleansUp } = group;
  const matches = ({ account, detail }: Entry) =>
    ((account === 'js/own' || account === 'js/other') && isBy(detail, label)) || (cleansUp && account === 'js/gc');
  const held = explainedBy(get(ledgers), matches);
  // Work that yields between its parts is long in sum, but nobody waits for more than a part of it.
  const worst = held.filter(({ ms }) => ms >= NOTICED_MS).sort((a, b) => b.share - a.share)[0];
  // Where few requests were booked, no route may have enough of them, but all together do.
  const explains = [worst, ...explainedOverall(get(ledgers), matches)].find(
    (one) => one && one.ms >= NOTICED_MS && one.share >= EXPLAINS_SHARE,
  );
  const behind = !explains && group.behind && group.behind.requests >= BEHIND_SHARE * group.behind.of ? group.behind : null;
  if (!explains && !behind) return null;
  const suffers = held.filter(({ route, ms }) => !routes.includes(route) && ms >= NOTICED_MS).map(({ route }) => route);
  const words = wordsFor(group);
  const task = routes.length > 0 ? `requests to ${routes.slice(0, 3).join(', ')}` : 'a timer or task that belongs to no request';
  const happened = `${count} blocks of ${medianCpuMs.toFixed(0)} ms (longest ${maxCpuMs.toFixed(0)} ms) during ${task}`;
  return {
    confidence: Math.min(0.99, 0.6 + 0.2 * Math.min(1, count / 10) + (label ? 0.2 : 0)),
    symptom: 'latency',
    explainedShare: explains ? explains.share : behind!.requests / behind!.of,
    kind: words.kind,
    title: words.title,
    summary: `${label ?? 'code that no single function carries'} ${words.does} for ${medianCpuMs.toFixed(0)} ms at a time on the main thread, and nothing else runs meanwhile.`,
    route: routes[0] ?? (explains ?? behind)!.route,
    ...(group.location ? { location: group.location } : {}),
    suffers,
    evidence: [
      evidence(happened, 'blocks', count, 'blocks', RECURRING_COUNT),
      evidence(`the loop was held ${percent(share)} of the time by it`, 'share of window', share, 'share', BLOCKED_SHARE_OF_WINDOW),
      ...when(group.caught, (times) =>
        evidence(`its stack was taken ${times} times while it ran: the line is exact`, 'stacks taken', times, 'stacks'),
      ),
      ...when(explains, (held) =>
        ledgerEvidence(held, cleansUp ? 'are this function and collecting its garbage' : 'are this function', EXPLAINS_SHARE),
      ),
      ...words.evidence,
      ...when(behind, ({ requests, of }) =>
        evidence(`${requests} of ${of} requests were taken up right behind it: they had waited for it`, 'behind it', requests, 'requests'),
      ),
      ...when(suffers.slice(0, 5).join(', '), (names) =>
        evidence(`waiting behind it without being the cause: ${names}`, 'routes delayed', suffers.length, 'routes'),
      ),
      ...when(path.length > 1, () => evidence(`reached through ${path.join(' → ')}`, 'stack', path.length, 'frames')),
    ],
    fixes: words.fixes.map((fix, i) =>
      i === 0 ? { ...fix, change: { kind: 'scale-account', account: 'js/other', ...(label ? { detail: label } : {}), factor: 0 } } : fix,
    ),
  };
}

function isBy(detail: string | undefined, label: string | null): boolean {
  return label !== null && detail !== undefined && (detail === label || detail.endsWith(` in ${label}`));
}
