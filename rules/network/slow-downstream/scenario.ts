import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { downstreams } from './downstreams.js';

/** Which part of the slow service's answers is late, and how. */
const CAUSES = ['always', 'one-in-three', 'slow-body', 'after-quick'] as const;

export const scenario: Scenario = {
  id: 'network/slow-downstream',
  rule: 'network/slow-downstream',
  title: 'A service that this one calls answers late; the process itself is idle meanwhile',
  needs: [],
  causes: CAUSES,
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const load = { ratePerS: draw.int(25, 45), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, downstreams(draw, folder, draw.inTurn(CAUSES), sick), load);
  },
};
