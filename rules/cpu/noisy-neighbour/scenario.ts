import type { Draw } from '../../../src/lab/kit/draw.js';
import { drawFolder, ordinaryApp } from '../../../src/lab/kit/ordinary.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { honestWork } from '../../../src/lab/kit/work.js';
import type { Scenario } from '../../../src/lab/scenario.js';

/** `spinners` always want a core. `bursts`: the same, four fifths of the time. */
const CAUSES = { spinners: 0, bursts: 50 };

export const scenario: Scenario = {
  id: 'cpu/noisy-neighbour',
  rule: 'cpu/noisy-neighbour',
  title: 'Processes that do not belong to the service want the same cores',
  needs: ['linux'],
  causes: Object.keys(CAUSES),
  build(draw: Draw, sick: boolean) {
    const folder = drawFolder(draw);
    const restMs = draw.inTurn(Object.values(CAUSES));
    const count = draw.int(3, 4);
    const work: Piece = honestWork(draw, folder, { ms: draw.int(5, 7), weight: 12 });
    // The healthy twin has the same neighbours, asleep.
    const args = [String(sick ? 200 : 0), String(sick ? restMs : 250)];
    const piece: Piece = {
      ...work,
      files: { ...work.files, 'neighbour.mjs': neighbour() },
      companions: [{ name: 'neighbour', file: 'neighbour.mjs', args, count }],
    };
    return ordinaryApp(draw, folder, piece, { ratePerS: draw.int(30, 40), warmupS: 2, durationS: 9 });
  },
};

/** Works for a while, rests for a while; gone after a minute or with its parent, whatever happens. */
function neighbour(): string {
  return js`
    const [workMs, restMs] = process.argv.slice(2).map(Number);
    const parent = process.ppid;

    function spin() {
      const end = performance.now() + workMs;
      let x = 0;
      while (performance.now() < end) for (let i = 0; i < 10_000; i++) x = Math.sqrt(x + i);
      if (process.ppid === parent) setTimeout(spin, restMs);
    }

    setTimeout(() => process.exit(), 60_000);
    console.log('ready');
    spin();
  `;
}
