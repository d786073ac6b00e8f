import type { RawFrame } from '../model/wire.js';
import { builtin } from './builtin.js';
import { nowUs } from './clock.js';
import { captureFrames } from './stack.js';
import { guarded, state } from './state.js';
import { type Fn, replace } from './wrap.js';

/** A piece of memory outside V8's heap that stands for `bytes` of its kind. */
interface Sample {
  ref: WeakRef<ArrayBufferLike>;
  bytes: number;
  tUs: number;
  frames: RawFrame[];
}

/** Live bytes outside the heap by the stack that asked for them. */
export interface LiveBuffers {
  /** To be called after a full collection. */
  alive(): readonly Omit<Sample, 'ref'>[];
}

/** Smaller ones are cut from Node's pool, or hardly a leak's stuff. */
const LARGE_BYTES = 16 << 10;
const MOST_SAMPLES = 1000;
const MAKERS = ['alloc', 'allocUnsafe', 'allocUnsafeSlow', 'from', 'concat'];

/** V8's heap profiler does not see what buffers hold: samples their making, one in so many bytes, and watches what stays. */
export function watchBuffers(everyBytes: number): LiveBuffers {
  const { Buffer: target } = builtin<typeof import('node:buffer')>('buffer');
  let samples: Sample[] = [];
  let intervalBytes = everyBytes;
  let sinceBytes = 0;
  let inside = false;

  const made = guarded((buffer: Buffer, below: Fn) => {
    sinceBytes += buffer.byteLength;
    if (sinceBytes < intervalBytes) return;
    samples.push({ ref: new WeakRef(buffer.buffer), bytes: sinceBytes, tUs: nowUs(), frames: captureFrames(below) });
    sinceBytes = 0;
    if (samples.length < MOST_SAMPLES) return;
    samples = samples.filter(({ ref }) => ref.deref() !== undefined);
    if (samples.length < MOST_SAMPLES / 2) return;
    samples = samples.filter((_, i) => i % 2 === 0);
    for (const sample of samples) sample.bytes *= 2;
    intervalBytes *= 2;
  });
  for (const name of MAKERS) {
    replace(target, name, (original) => {
      // Three parameters instead of a list: this is called often. One maker may call another.
      const wrapped = function (this: unknown, a: unknown, b: unknown, c: unknown) {
        if (inside || !state.tracing) return original.call(this, a, b, c);
        inside = true;
        try {
          const buffer = original.call(this, a, b, c) as Buffer;
          if (buffer.byteLength >= LARGE_BYTES) made(buffer, wrapped as Fn);
          return buffer;
        } finally {
          inside = false;
        }
      };
      return wrapped as Fn;
    });
  }
  return { alive: () => samples.filter(({ ref }) => ref.deref() !== undefined) };
}
