import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import { honestWork } from '../../../src/lab/kit/work.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { indexPool, rehashUsers, splitJobs, workerPerTile } from './causes.js';

const CAUSES = { 'index-pool': indexPool, 'worker-per-tile': workerPerTile, 'rehash-users': rehashUsers, 'split-jobs': splitJobs };

export const scenario: Scenario = {
  id: 'threads/oversubscription',
  rule: 'threads/oversubscription',
  title: 'Many more computing threads than cores: each runs a slice and waits for the others, the main thread among them',
  needs: ['linux'],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const work = honestWork(draw, folder, { ms: 4, weight: 8 });
    const cause = draw.inTurn(Object.values(CAUSES))(draw, folder, sick);
    const piece = { ...cause, modules: [...work.modules, ...cause.modules], routes: [...work.routes, ...cause.routes] };
    return ordinaryApp(draw, folder, piece, { ratePerS: draw.int(28, 36), warmupS: 2, durationS: 9 });
  },
};
