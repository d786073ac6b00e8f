import { evidence, percent } from '../../../src/facts/evidence.js';
import { optional } from '../../../src/facts/reader.js';
import { slowBodies } from '../../../src/facts/slow-bodies.js';
import { crowdedOut, threadPressure } from '../../../src/facts/threads.js';
import type { Rule } from '../../../src/model/rule.js';

/** Of the time of a route's requests: more than anything the server itself does. */
const SHARE = 0.5;
const FEWEST = 8;
/** For want of a core a local client is late by a few turns of others, not by that much. */
const SLOW_FOR_SURE_MS = 1000;

export const rule: Rule = {
  id: 'network/slow-request-body',
  title: 'Slow clients hold requests',
  stage: 'nursery',
  mimics: [
    'network/slow-readers',
    'network/slow-downstream',
    'runtime/event-loop-blocked',
    'concurrency/async-deadlock',
    'cpu/noisy-neighbour',
  ],
  causes: [],
  needs: [slowBodies],
  judge(get) {
    const { route, bodies, slow, sendMs, workMs, share, held } = get(slowBodies);
    const says =
      bodies === 0
        ? 'no request had to wait for its body'
        : `${slow} of ${bodies} bodies of ${route} were slow to come; that is ${percent(share)} of the route's time`;
    const signal = ['time in which requests wait for their bodies', share, 'share', SHARE] as const;
    if (slow < FEWEST || share < SHARE) return { is: 'absent', because: evidence(says, ...signal) };
    const crowd = sendMs >= SLOW_FOR_SURE_MS ? null : crowdedOut(optional(get, threadPressure));
    if (crowd)
      return {
        is: 'inconclusive',
        because: evidence(`${says}, but ${crowd}: clients of this machine may only have lacked one`, ...signal),
      };
    const finding = {
      confidence: Math.min(0.95, 0.65 + 0.3 * share),
      symptom: 'latency' as const,
      explainedShare: share,
      summary: `${route} takes ${workMs.toFixed(0)} ms once it has the request, and its clients take ${sendMs.toFixed(0)} ms to send it; all the while the request is held.`,
      route,
      evidence: [
        evidence(says, ...signal),
        evidence(
          `the body was on its way for ${sendMs.toFixed(0)} ms, while its handler was ready to read; what came after took ${workMs.toFixed(0)} ms (medians)`,
          'time to send the body',
          sendMs,
          'ms',
        ),
        evidence(`${held.toFixed(1)} requests stood waiting for their bodies at any moment`, 'requests held', held, 'requests'),
      ],
      fixes: [
        {
          says: 'Let a reverse proxy take the whole request before it asks the server: then it comes at once.',
          code: 'proxy_request_buffering on;  # nginx, the default',
        },
        {
          says: 'Take nothing that others need (a database connection, a lock, a slot) before the body is there.',
          code: 'const body = await readBody(req);\nconst client = await pool.connect();',
        },
        {
          says: 'Put an end to clients that are too slow; what is large goes in parts that can be resumed, or straight to an object store.',
          code: 'server.requestTimeout = 30_000;  // the default is five minutes',
        },
      ],
    };
    return { is: 'present', findings: [finding] };
  },
};
