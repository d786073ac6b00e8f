import type { Draw } from '../../../src/lab/kit/draw.js';
import type { Piece } from '../../../src/lab/kit/piece.js';
import { js } from '../../../src/lab/kit/source.js';
import { healthy } from '../../../src/lab/kit/well.js';
import { honestWork } from '../../../src/lab/kit/work.js';

export const scenario = healthy(
  'neighbour-outside',
  'Another process of the machine is busy for half of the time, and there is room enough for both',
  { steady: (draw, folder) => beside(draw, folder, 20, 40), 'now-and-then': (draw, folder) => beside(draw, folder, 300, 900) },
  (draw) => ({ ratePerS: draw.int(30, 40), warmupS: 2, durationS: 9 }),
);

function beside(draw: Draw, folder: string, workMs: number, everyMs: number): Piece {
  const neighbour = js`
    const end = Date.now() + 120_000;

    setInterval(() => {
      const until = performance.now() + ${workMs};
      let x = 0;
      while (performance.now() < until) for (let i = 0; i < 10_000; i++) x = Math.sqrt(x + i);
      if (Date.now() > end) process.exit();
    }, ${everyMs});
    console.log('ready');
  `;
  return {
    ...honestWork(draw, folder, { ms: 3, weight: 10 }),
    files: { 'reporting.mjs': neighbour },
    companions: [{ name: 'reporting', file: 'reporting.mjs' }],
  };
}
