import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Scenario } from '../../../src/lab/scenario.js';
import { renderedCache, slicedUpload, typedHistory } from './causes.js';

const CAUSES = { 'rendered-cache': renderedCache, 'sliced-upload': slicedUpload, 'typed-history': typedHistory };

export const scenario: Scenario = {
  id: 'memory/buffer-leak',
  rule: 'memory/buffer-leak',
  title: 'Buffers are kept for good: memory outside the heap grows while the heap itself stays small',
  needs: [],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const cause = draw.inTurn(Object.values(CAUSES));
    const load = { ratePerS: draw.int(70, 120), warmupS: 2, durationS: 9 };
    return ordinaryApp(draw, folder, cause(draw, folder, sick), load);
  },
};
