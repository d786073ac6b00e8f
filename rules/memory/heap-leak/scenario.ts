import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { auditTrail, keyedCache, listenerPerRequest, longTimers, pollerPerRequest, requestRegistry, seenTokens } from './causes.js';
import { awaitedRegistry, racedShutdown } from './unseen-keepers.js';

const CAUSES = {
  'keyed-cache': keyedCache,
  'listener-per-request': listenerPerRequest,
  'audit-trail': auditTrail,
  'request-registry': requestRegistry,
  'seen-tokens': seenTokens,
  'poller-per-request': pollerPerRequest,
  'long-timers': longTimers,
  'raced-shutdown': racedShutdown,
  'awaited-registry': awaitedRegistry,
};

export const scenario: Scenario = {
  id: 'memory/heap-leak',
  rule: 'memory/heap-leak',
  title: 'Something keeps a reference to every request, and the live heap grows until the process dies',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES));
    const load = { ratePerS: draw.int(70, 120), warmupS: 2, durationS: 12 };
    return ordinaryApp(draw, folder, cause(draw, folder, sick), load);
  },
};
