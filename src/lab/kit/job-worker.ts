import type { Draw } from './draw.js';
import { js } from './source.js';

export interface Job {
  /** CPU time of one batch. */
  ms: number;
  /** Pause after it, as for reading the next batch. */
  restMs: number;
}

/** A worker's entry that answers each `{ batch }` with a number. */
export function jobWorker(draw: Draw, { ms, restMs }: Job): string {
  const compute = draw.pick([blur, hashes]);
  const rest = restMs > 0 ? `setTimeout(() => parentPort.postMessage(result), ${restMs});` : 'parentPort.postMessage(result);';
  return js`
    ${compute(ms).trimEnd()}

    parentPort.on('message', ({ batch }) => {
      const result = compute(batch);
      ${rest}
    });
  `;
}

function blur(ms: number): string {
  return js`
    import { parentPort } from 'node:worker_threads';

    const pixels = new Float64Array(64 * 1024).map((_, i) => i % 255);

    function compute(batch) {
      for (let pass = 0; pass < ${Math.round(ms * 9)}; pass++) {
        for (let i = 2; i < pixels.length - 2; i++) {
          pixels[i] = (pixels[i - 2] + pixels[i - 1] + pixels[i] + pixels[i + 1] + pixels[i + 2] + (batch % 2)) / 5;
        }
      }
      return pixels[100];
    }
  `;
}

function hashes(ms: number): string {
  return js`
    import { pbkdf2Sync } from 'node:crypto';
    import { parentPort } from 'node:worker_threads';

    function compute(batch) {
      return pbkdf2Sync(String(batch), 'e03f', ${Math.round(ms * 1900)}, 32, 'sha512')[0];
    }
  `;
}
