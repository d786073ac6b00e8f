import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { abandonedStream, connectionPerRequest, earlyReturn } from './causes.js';

const CAUSES = { 'early-return': earlyReturn, 'abandoned-stream': abandonedStream, 'connection-per-request': connectionPerRequest };

export const scenario: Scenario = {
  id: 'memory/fd-leak',
  rule: 'memory/fd-leak',
  title: 'Files or sockets are opened for requests and never closed, until nothing more can be opened',
  needs: ['linux'],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES));
    const load = { ratePerS: draw.int(30, 80), warmupS: 2, durationS: 8 };
    return ordinaryApp(draw, folder, cause(draw, folder, sick), load);
  },
};
