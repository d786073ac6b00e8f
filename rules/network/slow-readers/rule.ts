import { evidence, megabytes as mb, percent } from '../../../src/facts/evidence.js';
import { optional } from '../../../src/facts/reader.js';
import { slowReaders } from '../../../src/facts/slow-readers.js';
import { crowdedOut, threadPressure } from '../../../src/facts/threads.js';
import { window } from '../../../src/facts/window.js';
import type { Rule } from '../../../src/model/rule.js';

/** Of the time of a route's requests: more than anything the server itself does. */
const SHARE = 0.5;
const FEWEST = 8;
/** For want of a core a local client is late by a few turns of others, not by that much. */
const SLOW_FOR_SURE_MS = 1000;

export const rule: Rule = {
  id: 'network/slow-readers',
  title: 'Slow readers hold responses',
  stage: 'nursery',
  mimics: ['network/slow-downstream', 'memory/buffer-leak', 'runtime/event-loop-blocked', 'cpu/noisy-neighbour'],
  causes: [],
  needs: [window, slowReaders],
  judge(get) {
    const { route, answers, slow, readyMs, readMs, bytes, share, heldBytes } = get(slowReaders);
    const says = `${slow} of ${answers} answers of ${route} waited for their clients to read them; that is ${percent(share)} of the route's time`;
    const signal = ['time in which answers wait to be read', share, 'share', SHARE] as const;
    if (slow < FEWEST || share < SHARE) return { is: 'absent', because: evidence(says, ...signal) };
    const crowd = readMs >= SLOW_FOR_SURE_MS ? null : crowdedOut(optional(get, threadPressure));
    if (crowd)
      return {
        is: 'inconclusive',
        because: evidence(`${says}, but ${crowd}: clients of this machine may only have lacked one`, ...signal),
      };
    const finding = {
      confidence: Math.min(0.95, 0.65 + 0.3 * share),
      symptom: 'latency' as const,
      explainedShare: share,
      summary: `${route} is ready after ${readyMs.toFixed(0)} ms, and its clients take ${readMs.toFixed(0)} ms to read the ${mb(bytes)}; all the while the answer is held.`,
      route,
      evidence: [
        evidence(says, ...signal),
        evidence(
          `ready after ${readyMs.toFixed(0)} ms, read after another ${readMs.toFixed(0)} ms (medians)`,
          'time to read',
          readMs,
          'ms',
        ),
        evidence(`${mb(heldBytes)} of finished answers were held at any moment`, 'held answers', heldBytes / 1e6, 'MB'),
      ],
      fixes: [
        { says: 'Send less: pages, fewer fields, compression. A client on a slow line reads a tenth of the bytes in a tenth of the time.' },
        {
          says: 'Let a reverse proxy take the whole answer at once and serve slow lines from its own buffers; where there is none, stream instead of building the answer in memory.',
          code: 'proxy_buffering on;  # nginx',
        },
        { says: 'Put an end to readers that have stopped.', code: 'server.setTimeout(30_000);  # socket without progress' },
      ],
    };
    return { is: 'present', findings: [finding] };
  },
};
