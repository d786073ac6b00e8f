import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { honestWork } from '../../../src/lab/kit/work.js';
import type { Scenario } from '../../../src/lab/scenario.js';

/** Cost of a request on the main thread and how often it comes: steady small ones, or few larger ones. */
const CAUSES = { 'many-small': { ms: 5, weight: 14, ratePerS: 46 }, 'few-large': { ms: 22, weight: 4, ratePerS: 36 } };

export const scenario: Scenario = {
  id: 'cpu/quota-throttled',
  rule: 'cpu/quota-throttled',
  title: "The container's CPU quota is used up before the period ends, and the kernel stops the process until the next one",
  needs: ['linux', 'root', 'cgroup-cpu'],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const { ms, weight, ratePerS } = draw.inTurn(Object.values(CAUSES));
    const work: Piece = honestWork(draw, folder, { ms, weight });
    const smallCores = draw.int(15, 18) / 100;
    return ordinaryApp(draw, folder, { ...work, quotaCores: sick ? smallCores : 1.5 }, { ratePerS, warmupS: 4, durationS: 9 });
  },
};
