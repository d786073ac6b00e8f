import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { batchWindow, heldWhileWaiting, recentRing, tightHeap } from './causes.js';

const CAUSES = { 'recent-ring': recentRing, 'held-while-waiting': heldWhileWaiting, 'tight-heap': tightHeap, 'batch-window': batchWindow };

export const scenario: Scenario = {
  id: 'memory/gc-pressure',
  rule: 'memory/gc-pressure',
  title: 'So much is allocated, and lives just too long, that the collector takes a large part of the time',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES))(draw, folder, sick);
    return ordinaryApp(draw, folder, cause, { ratePerS: draw.int(46, 54), warmupS: 2, durationS: 10 });
  },
};
