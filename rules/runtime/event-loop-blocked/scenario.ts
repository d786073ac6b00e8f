import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { cloneCatalogue, compressReport, fuzzySearch, greedyPattern, nestedJoin, passwordHash, rebuildTimer } from './causes.js';
import { askProgram, logRows, readPartials, sortAll } from './node-calls.js';

const CAUSES = {
  'fuzzy-search': fuzzySearch,
  'clone-catalogue': cloneCatalogue,
  'password-hash': passwordHash,
  'compress-report': compressReport,
  'greedy-pattern': greedyPattern,
  'rebuild-timer': rebuildTimer,
  'nested-join': nestedJoin,
  'read-partials': readPartials,
  'ask-program': askProgram,
  'log-rows': logRows,
  'sort-all': sortAll,
};

export const scenario: Scenario = {
  id: 'runtime/event-loop-blocked',
  rule: 'runtime/event-loop-blocked',
  title: 'One piece of synchronous work holds the only thread, and every other request waits',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES));
    const load = { ratePerS: draw.int(35, 50), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, cause(draw, folder, sick), load);
  },
};
