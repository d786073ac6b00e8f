import { evidence, ledgerEvidence, percent } from '../../../src/facts/evidence.js';
import { type Explained, explainedBy, ledgers } from '../../../src/facts/ledgers.js';
import { type OpenedConnections, openedConnections } from '../../../src/facts/opened-connections.js';
import type { FactReader } from '../../../src/model/fact.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** Where connections are kept, a handful of them carries all calls after the first. */
const OPENED_SHARE = 0.8;
const FEWEST_CALLS = 30;
/** Of a route's time, and what is felt beside the call itself. */
const EXPLAINS_SHARE = 0.15;
const NOTICED_MS = 1;
/**
 * Who closes keeps the port for 60 s (TCP_TIMEWAIT_LEN, include/net/tcp.h), of 28,232 for one destination (ip_local_port_range
 * 32768-60999): this many per second hold a tenth of them.
 */
const CHURN_PER_S = (0.1 * 28_232) / 60;
/** A risk has no share of what is felt today: it stands beside what has, below it. */
const RISK_SHARE = 0.2;

export const rule: Rule = {
  id: 'http/no-keepalive',
  title: 'A connection for each call',
  stage: 'stable',
  mimics: ['network/slow-downstream', 'database/connection-pool-too-small', 'threads/pool-starvation'],
  causes: [],
  needs: [openedConnections, ledgers],
  judge(get) {
    const called = get(openedConnections).filter(({ calls }) => calls >= FEWEST_CALLS);
    const findings = called.map((dest) => accuse(get, dest)).filter((found) => found !== null);
    if (findings.length > 0) return { is: 'present', findings };
    const most = [...called].sort((a, b) => b.openedShare - a.openedShare)[0];
    const says = most
      ? `${percent(most.openedShare)} of ${most.calls} calls to ${most.dest} opened a connection, ${most.openedPerS.toFixed(1)} per second, ${most.openingP50Ms.toFixed(1)} ms each`
      : 'too few outgoing calls to tell whether their connections are kept';
    return { is: 'absent', because: evidence(says, 'calls that opened a connection', most?.openedShare ?? 0, 'share', OPENED_SHARE) };
  },
};

const KEEP_AGENT = {
  says: 'Keep connections: one agent for all calls, made once, with keepAlive (the default since Node 19).',
  code: 'const agent = new https.Agent({ keepAlive: true });',
};
const KEEP_CLIENT = {
  says: 'Keep the client: one, or a pool of a few, made once when the module loads and used by all requests.',
  code: 'const pool = new Pool({ max: 10 }); // outside of the handler',
};
const OPENING = /^(?:net\/(?:dns|connect|tls)|(?:db|cache)\/connect)$/;

function openingOf(get: FactReader, { dest }: OpenedConnections): Explained | undefined {
  return explainedBy(get(ledgers), ({ account, detail }) => OPENING.test(account) && detail?.endsWith(dest) === true).sort(
    (a, b) => b.share - a.share,
  )[0];
}

function accuse(get: FactReader, called: OpenedConnections): Present | null {
  const { dest, calls, openedShare, openedPerS, openingP50Ms, tlsP50Ms, dnsP50Ms, callP50Ms, location } = called;
  if (openedShare < OPENED_SHARE) return null;
  const held = openingOf(get, called);
  const isFelt = held !== undefined && held.share >= EXPLAINS_SHARE && held.ms >= NOTICED_MS;
  if (!isFelt && openedPerS < CHURN_PER_S) return null;
  const kind = tlsP50Ms > openingP50Ms / 2 ? 'tls' : dnsP50Ms > openingP50Ms / 2 ? 'dns' : 'connect';
  const waiting = openedPerS * 60;
  return {
    confidence: Math.min(0.97, 0.75 + 0.1 * openedShare + (isFelt ? 0.1 : 0)),
    symptom: isFelt ? 'latency' : 'risk',
    explainedShare: Math.max(RISK_SHARE, isFelt ? held.share : 0),
    kind,
    summary: `${percent(openedShare)} of the calls to ${dest} open a connection of their own: ${openingP50Ms.toFixed(1)} ms each${kind === 'tls' ? `, most of it TLS's handshake` : ''}, ${openedPerS.toFixed(0)} connections per second.`,
    ...(held ? { route: held.route } : {}),
    ...(location ? { location } : {}),
    evidence: [
      evidence(
        `${percent(openedShare)} of ${calls} calls opened a connection instead of using one that stands`,
        'calls that opened a connection',
        openedShare,
        'share',
        OPENED_SHARE,
      ),
      evidence(
        `opening one takes ${openingP50Ms.toFixed(1)} ms (name ${dnsP50Ms.toFixed(1)} ms, TLS ${tlsP50Ms.toFixed(1)} ms) of ${callP50Ms.toFixed(1)} ms per call`,
        'opening a connection, median',
        openingP50Ms,
        'ms',
      ),
      ...(held ? [ledgerEvidence(held, 'are opening connections', EXPLAINS_SHARE)] : []),
      evidence(
        `${openedPerS.toFixed(0)} per second leave about ${waiting.toFixed(0)} ports in TIME_WAIT, of 28,232 for this destination`,
        'connections opened',
        openedPerS,
        'per second',
        CHURN_PER_S,
      ),
    ],
    fixes: [
      {
        ...(/^https?:/.test(dest) ? KEEP_AGENT : KEEP_CLIENT),
        change: {
          kind: 'scale-account',
          account: kind === 'tls' ? 'net/tls' : kind === 'dns' ? 'net/dns' : 'net/connect',
          detail: dest,
          factor: 0.05,
        },
      },
      {
        says: `If our side keeps them, ${dest} closes them after each answer, or before the next call comes: raise its keep-alive time-out.`,
      },
    ],
  };
}
