import type { Companion } from '../scenario.js';
import type { Draw } from './draw.js';
import { js } from './source.js';

/** Something that disturbs a measurement a little and has nothing to do with what is wrong. */
export interface Noise {
  name: string;
  companion: Companion;
  files: Record<string, string>;
}

const FILE = 'other-job.mjs';

/**
 * What runs beside about one server in three: a process that wants a core for a twentieth of the time, evenly, or in bursts as of a cron
 * job. Little enough that a diagnosis which names it instead of the illness (or of nothing) is wrong.
 */
export function drawNoise(draw: Draw): Noise | null {
  const kind = draw.pick(['none', 'none', 'none', 'none', 'neighbour', 'bursts'] as const);
  const [workMs, everyMs] = kind === 'bursts' ? [draw.int(90, 130), draw.int(20, 28) * 100] : [draw.int(4, 6), draw.int(90, 120)];
  if (kind === 'none') return null;
  return {
    name: `beside it ${kind}`,
    companion: { name: kind, file: FILE, args: [`${workMs}`, `${everyMs}`] },
    files: { [FILE]: source() },
  };
}

function source(): string {
  return js`
    const [workMs, everyMs] = process.argv.slice(2).map(Number);

    setInterval(() => {
      const end = performance.now() + workMs;
      let x = 0;
      while (performance.now() < end) for (let i = 0; i < 10_000; i++) x = Math.sqrt(x + i);
    }, everyMs);
    console.log('ready');
  `;
}
