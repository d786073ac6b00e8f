import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { healthy } from '../../../src/lab/kit/well.js';
import { honestWork } from '../../../src/lab/kit/work.js';
import type { Scenario } from '../../../src/lab/scenario.js';

/** Work of about a tenth of a core. */
export const scenario: Scenario = {
  ...healthy(
    'quota-to-spare',
    'A container with a CPU quota that is not reached: the periods end before it is used up',
    { steady: (draw, folder) => limited(draw, folder, 4), 'few-large': (draw, folder) => limited(draw, folder, 12) },
    (draw) => ({ ratePerS: draw.int(25, 35), warmupS: 4, durationS: 9 }),
  ),
  needs: ['linux', 'root', 'cgroup-cpu'],
};

function limited(draw: Draw, folder: string, ms: number): Piece {
  return { ...honestWork(draw, folder, { ms, weight: ms > 8 ? 4 : 10 }), quotaCores: draw.int(10, 14) / 10 };
}
