import type { IncomingMessage } from 'node:http';
import { builtin } from './builtin.js';
import { isExpired, type Owner } from './charge.js';
import type { Owners } from './owners.js';
import type { Requests } from './requests.js';

/**
 * With context frames, the parser emits a request's body in the context in which its socket was accepted. Handlers that work in
 * `req.on('data')` and `req.on('end')` would run for nobody; this gives them back to their request.
 */
export function carryBodies(owners: Owners, requests: Requests): () => void {
  const { prototype } = builtin<typeof import('node:http')>('http').IncomingMessage;
  return carryPushes(owners, prototype, (request) => requests.ownerOf(request as IncomingMessage));
}

type Push = (this: object, ...args: [chunk: unknown, encoding?: BufferEncoding]) => boolean;

/** What is pushed into streams of this class sets off work for `ownerOf` the stream. */
export function carryPushes(owners: Owners, prototype: object, ownerOf: (stream: object) => Owner | undefined): () => void {
  const patched = prototype as { push?: Push };
  const inherited = patched.push!;
  let on = true;
  const push: Push = function (...args) {
    const owner = on ? ownerOf(this) : undefined;
    if (!owner || isExpired(owner)) return Reflect.apply(inherited, this, args);
    return owners.runAs(owner, () => Reflect.apply(inherited, this, args));
  };
  Object.defineProperty(patched, 'push', { value: push, configurable: true, writable: true });
  return () => {
    on = false;
    if (patched.push === push) delete patched.push;
  };
}
