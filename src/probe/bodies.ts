import type { IncomingMessage } from 'node:http';
import { builtin } from './builtin.js';
import { isExpired, type Owner } from './charge.js';
import { nowUs } from './clock.js';
import type { Owners } from './owners.js';
import type { RequestOwner, Requests } from './requests.js';

/**
 * Follows the bodies of requests as the parser hands them over: when the last byte had come, and since when nothing but the client was
 * waited for. With context frames, the parser emits a body in the context in which its socket was accepted: handlers that work in
 * `req.on('data')` and `req.on('end')` would run for nobody; this gives them back to their request. `owners`: null where nobody keeps the
 * ledger.
 */
export function followBodies(owners: Owners | null, requests: Requests): () => void {
  const { prototype } = builtin<typeof import('node:http')>('http').IncomingMessage;
  const ownerOf = (request: object) => requests.ownerOf(request as IncomingMessage);
  return watchPushes(prototype, ownerOf, owners?.carriesBodies === false ? owners : null, noteBody);
}

/** What is pushed into streams of this class sets off work for `ownerOf` the stream. */
export function carryPushes(owners: Owners, prototype: object, ownerOf: (stream: object) => Owner | undefined): () => void {
  return watchPushes(prototype, ownerOf, owners, () => {});
}

type Push = (this: object, ...args: [chunk: unknown, encoding?: BufferEncoding]) => boolean;

/** `carrying`: null where work runs for its owner anyway. `note` hears of each push what the stream said: false = full. */
function watchPushes<O extends Owner>(
  prototype: object,
  ownerOf: (stream: object) => O | undefined,
  carrying: Owners | null,
  note: (owner: O, chunk: unknown, taken: boolean) => void,
): () => void {
  const patched = prototype as { push?: Push };
  const inherited = patched.push!;
  let on = true;
  const push: Push = function (...args) {
    const owner = on ? ownerOf(this) : undefined;
    if (!owner || isExpired(owner)) return Reflect.apply(inherited, this, args);
    const body = () => Reflect.apply(inherited, this, args);
    const taken = carrying ? carrying.runAs(owner, body) : body();
    note(owner, args[0], taken);
    return taken;
  };
  Object.defineProperty(patched, 'push', { value: push, configurable: true, writable: true });
  return () => {
    on = false;
    if (patched.push === push) delete patched.push;
  };
}

/** A stream that is full is not filled on before its handler reads: until then it is not the client who is waited for. */
function noteBody(owner: RequestOwner, chunk: unknown, taken: boolean): void {
  const isEnd = chunk === null;
  if (owner.bodyFromUs < 0) {
    if (isEnd) return;
    owner.bodyFromUs = owner.startUs;
  } else if (owner.bodyFull) owner.bodyFromUs = nowUs();
  owner.bodyFull = !isEnd && !taken;
  if (isEnd) owner.bodyUs = nowUs();
}
