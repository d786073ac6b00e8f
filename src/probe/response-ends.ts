import type { ServerResponse } from 'node:http';
import { builtin } from './builtin.js';
import { guarded } from './state.js';

type End = (this: ServerResponse, ...args: unknown[]) => ServerResponse;

/** Tells when a response was ended by its handler; that its last byte was taken (`finish`) may be much later, when its client reads slowly. */
export function watchResponseEnds(tell: (response: ServerResponse) => void): () => void {
  const prototype = builtin<typeof import('node:http')>('http').ServerResponse.prototype as unknown as { end?: End };
  const inherited = prototype.end!;
  const told = guarded(tell);
  let on = true;
  const end: End = function (...args) {
    const result = Reflect.apply(inherited, this, args);
    if (on) told(this);
    return result;
  };
  Object.defineProperty(end, 'length', { value: inherited.length });
  Object.defineProperty(prototype, 'end', { value: end, configurable: true, writable: true });
  return () => {
    on = false;
    if (prototype.end === end) delete prototype.end;
  };
}
