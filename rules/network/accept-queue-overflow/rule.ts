import { type AcceptQueue, acceptQueue } from '../../../src/facts/accept-queue.js';
import { evidence, percent } from '../../../src/facts/evidence.js';
import type { Rule } from '../../../src/model/rule.js';

/** Linux tries again after 1 s (TCP_TIMEOUT_INIT, include/net/tcp.h): one attempt in ten that does is the p90 of new connections. */
const DROPPED_SHARE = 0.1;
const FEWEST_DROPPED = 20;
/** What Node asks for by default (lib/net.js). */
const DEFAULT_BACKLOG = 511;

export const rule: Rule = {
  id: 'network/accept-queue-overflow',
  title: 'Accept queue overflows',
  stage: 'nursery',
  mimics: ['runtime/event-loop-blocked', 'http/connection-churn'],
  causes: [],
  causedBy: ['runtime/event-loop-blocked', 'http/connection-churn'],
  needs: [acceptQueue],
  judge(get) {
    const queue = get(acceptQueue);
    const { backlog, dropped, opened, droppedShare, location } = queue;
    const says = `${dropped} attempts to connect found no room in a queue for ${backlog}; ${opened} connections came through`;
    const signal = evidence(says, 'dropped attempts to connect', droppedShare, 'share', DROPPED_SHARE);
    if (dropped < FEWEST_DROPPED || droppedShare < DROPPED_SHARE) return { is: 'absent', because: signal };
    const kind = backlog < DEFAULT_BACKLOG ? 'backlog' : 'burst';
    const finding = {
      confidence: Math.min(0.95, 0.75 + 0.3 * droppedShare),
      symptom: 'latency' as const,
      explainedShare: droppedShare,
      kind,
      summary: `${percent(droppedShare)} of the attempts to connect are dropped, because ${backlog} connections at most may wait to be accepted; each tries again after a second, two, four.`,
      ...(location ? { location } : {}),
      evidence: [signal, evidence(WAITS[kind](queue), 'backlog', backlog, 'connections', DEFAULT_BACKLOG)],
      fixes: FIXES[kind],
    };
    return { is: 'present', findings: [finding] };
  },
};

const WAITS: Record<'backlog' | 'burst', (queue: AcceptQueue) => string> = {
  backlog: ({ backlog }) =>
    `the queue takes ${backlog}; Node asks for ${DEFAULT_BACKLOG} unless told otherwise, and the kernel gives at most net.core.somaxconn`,
  burst: ({ backlog }) => `the queue takes ${backlog}: more came at once than that, or were accepted too late`,
};

const KEEP = {
  says: 'Let clients keep their connections: what stands needs no place in the queue.',
  code: 'new http.Agent({ keepAlive: true })',
};
const FIXES = {
  backlog: [
    {
      says: 'Leave the backlog alone, or ask for as many as may come at once; net.core.somaxconn is the upper bound.',
      code: 'server.listen({ port, host, backlog: 1024 });\nsysctl net.core.somaxconn',
    },
    KEEP,
  ],
  burst: [
    KEEP,
    {
      says: 'Accept sooner: no long turns on the main thread; more processes that accept (cluster). Only then a longer queue.',
      code: 'server.listen({ port, host, backlog: 4096 });',
    },
  ],
};
