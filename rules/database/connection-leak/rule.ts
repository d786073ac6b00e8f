import { evidence } from '../../../src/facts/evidence.js';
import { type LeakedConnections, leakedConnections } from '../../../src/facts/leaked-connections.js';
import type { Present, Rule } from '../../../src/model/rule.js';

/** One or two may be kept on purpose: to listen for notifications, to hold an advisory lock. */
const FEWEST_LEAKED = 3;
/** Of a pool that small, two are its end as well. */
const OF_SMALL_POOL = 0.5;

export const rule: Rule = {
  id: 'database/connection-leak',
  title: 'Connections are not given back',
  stage: 'stable',
  mimics: ['database/connection-pool-too-small', 'network/missing-timeout', 'network/slow-downstream'],
  causes: ['database/connection-pool-too-small', 'http/error-responses', 'network/missing-timeout'],
  needs: [leakedConnections],
  judge(get) {
    const pools = get(leakedConnections);
    const findings = pools.filter(isLeak).map(describe);
    if (findings.length > 0) return { is: 'present', findings };
    const [most] = pools;
    const says = most
      ? `${most.leaked} connections to ${most.server} were kept without being used, the oldest for ${most.oldestMs.toFixed(0)} ms`
      : 'every connection taken from a pool was in use, or came back';
    return { is: 'absent', because: evidence(says, 'connections not given back', most?.leaked ?? 0, 'connections', FEWEST_LEAKED) };
  },
};

function isLeak({ leaked, size }: LeakedConnections): boolean {
  return leaked >= FEWEST_LEAKED || (size !== null && leaked >= 2 && leaked >= OF_SMALL_POOL * size);
}

function describe({ server, size, leaked, afterAnswer, oldestMs, waiting, gaveUp, route, location }: LeakedConnections): Present {
  const of = size === null ? '' : ` of ${size}`;
  const empty = size !== null && leaked >= size;
  const share = size === null ? 0.5 : Math.min(1, leaked / size);
  const place = location ? ` (taken at ${location.file}:${location.line})` : '';
  return {
    confidence: Math.min(0.97, 0.75 + (afterAnswer >= FEWEST_LEAKED ? 0.15 : 0) + (empty ? 0.07 : 0)),
    symptom: empty ? 'latency' : 'risk',
    explainedShare: empty ? 0.95 : share,
    summary: `${leaked}${of} connections to ${server} were taken and never given back${place}: ${empty ? 'whoever needs one now waits for good' : 'each that is lost leaves fewer for the rest'}.`,
    ...(route ? { route } : {}),
    ...(location ? { location } : {}),
    evidence: [
      evidence(
        `${leaked}${of} connections lie unused without having come back, the oldest for ${(oldestMs / 1000).toFixed(1)} s`,
        'connections not given back',
        leaked,
        'connections',
        FEWEST_LEAKED,
      ),
      evidence(
        `${afterAnswer} of them belong to requests that were answered more than a second before`,
        'kept after the answer',
        afterAnswer,
        'connections',
      ),
      evidence(
        `${waiting} requests waited for a connection when the recording ended, ${gaveUp} had given up before`,
        'requests without a connection',
        waiting + gaveUp,
        'requests',
      ),
    ],
    fixes: [
      {
        says: 'Give the connection back in a finally block, so that errors and early returns do as well.',
        code: 'const client = await pool.connect();\ntry {\n  return await client.query(sql);\n} finally {\n  client.release();\n}',
      },
      { says: 'Where one statement is all, let the pool do it: pool.query() takes a connection and gives it back.' },
      {
        says: 'Let the pool complain while it still can: a deadline for waiting (connectionTimeoutMillis) and its idle count as a metric.',
      },
    ],
  };
}
