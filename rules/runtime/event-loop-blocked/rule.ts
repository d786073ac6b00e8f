import { type BlockGroup, blocks } from '../../../src/facts/blocks.js';
import { evidence, ledgerEvidence, percent, when } from '../../../src/facts/evidence.js';
import { explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { stuckFinding, stuckLoops } from '../../../src/facts/stuck-loops.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** Of a route's slow requests, the share that one function's blocks must hold before it is accused. */
const EXPLAINS_SHARE = 0.2;
/** A block that recurs is an illness; one alone (a cold start, a signal handler) only when it took this share of the window. */
const RECURRING_COUNT = 3;
const LONE_SHARE_OF_WINDOW = 0.1;
const BLOCKED_SHARE_OF_WINDOW = 0.01;
/** Beyond this an innocent route notices (RAIL: 100 ms feels instant, half of it is the budget of one task). */
const NOTICED_MS = 25;
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
    const isStretched = longestWallMs > 2 * Math.max(1, longestCpuMs);
    const stretched = isStretched
      ? ` (${longestWallMs.toFixed(0)} ms on the clock, most of it waiting for a core or collecting garbage)`
      : '';
    return {
      is: 'absent',
      because: evidence(
        `the longest task computed for ${longestCpuMs.toFixed(0)} ms${stretched}; the loop was free ${((1 - busyShare) * 100).toFixed(0)} % of the time`,
        'longest task',
        longestCpuMs,
        'ms',
        50,
      ),
    };
  },
};

function accuse(get: FactReader, group: BlockGroup): Present | null {
  const shareOfWindow = (group.totalCpuMs * 1000) / get(blocks).observedUs;
  const recurs = group.count >= RECURRING_COUNT && shareOfWindow >= BLOCKED_SHARE_OF_WINDOW;
  if (!recurs && shareOfWindow < LONE_SHARE_OF_WINDOW) return null;
  const { label } = group;
  const held = explainedBy(get(ledgers), ({ account, detail }) => /^js\/(own|other)$/.test(account) && isBy(detail, label));
  // Work that yields between its parts is long in sum, but nobody waits for more than a part of it.
  const worst = held.filter(({ ms }) => ms >= NOTICED_MS).sort((a, b) => b.share - a.share)[0];
  if (!worst || worst.share < EXPLAINS_SHARE) return null;
  const suffers = held.filter((route) => !group.routes.includes(route.route) && route.ms >= NOTICED_MS).map((route) => route.route);
  const task =
    group.routes.length > 0 ? `requests to ${group.routes.slice(0, 3).join(', ')}` : 'a timer or task that belongs to no request';
  const what = label ?? 'code that no single function carries';
  const via = group.callee ? `, in ${group.callee}` : '';
  return {
    confidence: Math.min(0.99, 0.6 + 0.2 * Math.min(1, group.count / 10) + (label ? 0.2 : 0)),
    symptom: 'latency',
    explainedShare: worst.share,
    summary: `${what} computes for ${group.medianCpuMs.toFixed(0)} ms at a time on the main thread${via}, and nothing else runs meanwhile.`,
    route: group.routes[0] ?? worst.route,
    ...(group.location ? { location: group.location } : {}),
    suffers,
    evidence: [
      evidence(
        `${group.count} blocks of ${group.medianCpuMs.toFixed(0)} ms (longest ${group.maxCpuMs.toFixed(0)} ms) during ${task}`,
        'blocks',
        group.count,
        'blocks',
        RECURRING_COUNT,
      ),
      evidence(
        `the loop was held ${percent(shareOfWindow)} of the time by it`,
        'share of window',
        shareOfWindow,
        'share',
        BLOCKED_SHARE_OF_WINDOW,
      ),
      ledgerEvidence(worst, 'are this function', EXPLAINS_SHARE),
      ...when(suffers.length > 0, () =>
        evidence(
          `waiting behind it without being the cause: ${suffers.slice(0, 5).join(', ')}`,
          'routes delayed',
          suffers.length,
          'routes',
        ),
      ),
      ...(group.path.length > 1 ? [evidence(`reached through ${group.path.join(' → ')}`, 'stack', group.path.length, 'frames')] : []),
    ],
    fixes: [
      {
        says: group.callee?.endsWith('Sync')
          ? `Call the asynchronous form of ${group.callee}.`
          : 'Compute less (index, cache, a better algorithm), or move the work to a worker thread.',
        change: { kind: 'scale-account', account: 'js/other', ...(label ? { detail: label } : {}), factor: 0 },
      },
      { says: 'If it must run here, split it and yield between the parts with setImmediate.' },
    ],
  };
}

function isBy(detail: string | undefined, label: string | null): boolean {
  return label !== null && detail !== undefined && (detail === label || detail.endsWith(` in ${label}`));
}
