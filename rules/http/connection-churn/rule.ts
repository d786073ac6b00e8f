import { evidence, percent } from '../../../src/facts/evidence.js';
import { type EndedBy, type IncomingConnections, incomingConnections } from '../../../src/facts/incoming-connections.js';
import type { Evidence, Rule } from '../../../src/model/rule.js';

/** Kept connections carry hundreds of requests each; these carry three at most. */
const OPENED_SHARE = 0.3;
const FEWEST_OPENED = 30;
/** Of the connections, most must be ended by the server against the wish of who opened them. */
const ENDED_SHARE = 0.5;
/** undici, which keeps connections for the shortest time of the usual clients, keeps them for 4 s; Node's server for 5 s. */
const KEPT_LONG_ENOUGH_MS = 4000;
/** Of a request's time, and what is felt. */
const EXPLAINS_SHARE = 0.15;
const NOTICED_MS = 1;
/**
 * Who closes keeps the pair of addresses and ports for 60 s (TCP_TIMEWAIT_LEN, include/net/tcp.h). A proxy has 28,232 ports for one server
 * (ip_local_port_range 32768-60999): this many per second hold a tenth of them.
 */
const CHURN_PER_S = (0.1 * 28_232) / 60;
/** A risk has no share of what is felt today: it stands beside what has, below it. */
const RISK_SHARE = 0.2;

export const rule: Rule = {
  id: 'http/connection-churn',
  title: 'Connections of clients are not kept',
  stage: 'nursery',
  mimics: ['http/no-keepalive', 'runtime/event-loop-blocked'],
  causes: [],
  needs: [incomingConnections],
  judge(get) {
    const seen = get(incomingConnections);
    const { route, requests, openedShare, openedPerS, endedPerS, endedBy, openingP50Ms, requestP50Ms, location } = seen;
    const says = `${percent(openedShare)} of ${requests} requests of ${route} came on a connection of their own`;
    const opened = evidence(says, 'requests that opened a connection', openedShare, 'share', OPENED_SHARE);
    const absent = (why: string) => ({ is: 'absent' as const, because: { ...opened, says: `${says}${why}` } });
    if (openedShare < OPENED_SHARE || openedShare * requests < FEWEST_OPENED) return absent('');
    if (endedBy === null || endedPerS < ENDED_SHARE * openedPerS) return absent(`, and it was ${whoElse(seen)} that did not keep them`);
    if (endedBy === 'idle-timeout' && seen.keepAliveMs >= KEPT_LONG_ENOUGH_MS)
      return absent(`: nobody came back to them within ${(seen.keepAliveMs / 1000).toFixed(0)} s`);
    const share = requestP50Ms > 0 ? openingP50Ms / requestP50Ms : 0;
    const isFelt = share >= EXPLAINS_SHARE && openingP50Ms >= NOTICED_MS;
    if (!isFelt && endedPerS < CHURN_PER_S)
      return absent(`, which is not felt, and ${endedPerS.toFixed(1)} per second hold few ports (${CHURN_PER_S.toFixed(0)} would)`);
    const finding = {
      confidence: Math.min(0.97, 0.75 + 0.1 * openedShare + (isFelt ? 0.1 : 0)),
      symptom: isFelt ? ('latency' as const) : ('risk' as const),
      explainedShare: Math.max(RISK_SHARE, isFelt ? share : 0),
      kind: endedBy,
      summary: `${says}: ${WORDS[endedBy](seen)}. That makes ${openedPerS.toFixed(0)} connections per second.`,
      route,
      ...(location ? { location } : {}),
      evidence: [
        opened,
        ended(seen),
        ...(openingP50Ms >= 0 ? [waited(openingP50Ms, requestP50Ms, share)] : []),
        evidence(
          `${endedPerS.toFixed(0)} per second leave about ${(endedPerS * 60).toFixed(0)} in TIME_WAIT here; a proxy has 28,232 ports for this server`,
          'connections ended',
          endedPerS,
          'per second',
          CHURN_PER_S,
        ),
      ],
      fixes: FIXES[endedBy],
    };
    return { is: 'present', findings: [finding] };
  },
};

const WORDS: Record<EndedBy, (seen: IncomingConnections) => string> = {
  answers: () => 'the answers say "Connection: close" to clients that would keep them',
  'max-requests': ({ maxRequests }) =>
    `the server ends each after ${maxRequests} request${maxRequests === 1 ? '' : 's'} (maxRequestsPerSocket)`,
  'idle-timeout': ({ keepAliveMs }) => `the server closes them after ${keepAliveMs} ms without a request (keepAliveTimeout)`,
};

const FIXES = {
  answers: [
    {
      says: 'Say "Connection: close" only while the server shuts down.',
      code: "if (!server.listening) res.setHeader('Connection', 'close');",
    },
  ],
  'max-requests': [
    { says: 'Let a connection carry thousands of requests, or as many as come.', code: 'server.maxRequestsPerSocket = 0;  // no limit' },
  ],
  'idle-timeout': [
    {
      says: 'Keep idle connections longer than clients and proxies in front do (milliseconds): theirs must be the shorter time, or they write to a connection just closed.',
      code: 'server.keepAliveTimeout = 65_000;  // behind a balancer that keeps them for 60 s',
    },
  ],
};

function ended({ endedPerS, openedPerS }: IncomingConnections): Evidence {
  const share = Math.min(1, endedPerS / openedPerS);
  const says = `${endedPerS.toFixed(0)} of ${openedPerS.toFixed(0)} connections per second were ended by the server, whose clients meant to keep them`;
  return evidence(says, 'connections ended by the server', share, 'share', ENDED_SHARE);
}

function waited(openingMs: number, requestMs: number, share: number): Evidence {
  const says = `a request that needs a connection waits ${openingMs.toFixed(1)} ms for it, of ${requestMs.toFixed(1)} ms (medians)`;
  return evidence(says, 'wait for a connection', share, 'share', EXPLAINS_SHARE);
}

function whoElse({ unkeptShare }: IncomingConnections): string {
  return unkeptShare >= 0.5 ? `the clients, who say so in ${percent(unkeptShare)} of these requests,` : 'the clients';
}
