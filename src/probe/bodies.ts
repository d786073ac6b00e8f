import type { IncomingMessage } from 'node:http';
import { builtin } from './builtin.js';
import type { Owners } from './owners.js';
import type { Requests } from './requests.js';

/**
 * With context frames, the parser emits a request's body in the context in which its socket was accepted. Handlers that work in
 * `req.on('data')` and `req.on('end')` would run for nobody; this gives them back to their request.
 */
export function carryBodies(owners: Owners, requests: Requests): () => void {
  const prototype = builtin<typeof import('node:http')>('http').IncomingMessage.prototype as { push?: Push };
  const inherited = prototype.push!;
  let on = true;
  const push: Push = function (...args) {
    const owner = on ? requests.ownerOf(this) : undefined;
    if (!owner || owner.expired) return Reflect.apply(inherited, this, args);
    return owners.runAs(owner, () => Reflect.apply(inherited, this, args));
  };
  Object.defineProperty(prototype, 'push', { value: push, configurable: true, writable: true });
  return () => {
    on = false;
    if (prototype.push === push) delete prototype.push;
  };
}

type Push = (this: IncomingMessage, ...args: [chunk: unknown, encoding?: BufferEncoding]) => boolean;
