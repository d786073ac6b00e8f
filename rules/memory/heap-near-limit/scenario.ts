import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { bigCatalogue, sessionTable } from './causes.js';

const CAUSES = { 'big-catalogue': bigCatalogue, 'session-table': sessionTable };

export const scenario: Scenario = {
  id: 'memory/heap-near-limit',
  rule: 'memory/heap-near-limit',
  title: 'What is alive nearly fills the heap that V8 was allowed, so all of it is collected again and again',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES));
    const load = { ratePerS: draw.int(30, 42), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, cause(draw, folder, sick), load);
  },
};
