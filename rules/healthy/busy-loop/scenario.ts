import { healthy } from '../../../src/lab/kit/well.js';
import { honestWork } from '../../../src/lab/kit/work.js';

/** A good half to two thirds busy here: on a slower or shared machine it must not tip over into overload, which would be an illness. */
export const scenario = healthy(
  'busy-loop',
  'The main thread is busy most of the time, in turns of a few milliseconds: loaded, not blocked',
  {
    'short-turns': (draw, folder) => honestWork(draw, folder, { ms: 4, weight: 60 }),
    'very-short-turns': (draw, folder) => honestWork(draw, folder, { ms: 2, weight: 120 }),
  },
  (draw) => ({ ratePerS: draw.seed % 2 === 0 ? 165 : 290, warmupS: 2, durationS: 8 }),
);
