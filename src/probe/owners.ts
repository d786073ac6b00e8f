import { AsyncLocalStorage, executionAsyncResource } from 'node:async_hooks';
import type { Owner } from './charge.js';
import { ownersByFrame } from './owners-by-frame.js';
import { ownersByResource } from './owners-by-resource.js';

/** Follows owners through the target's asynchronous work and books the main thread to them. */
export interface Owners {
  /** Who the running code works for. */
  current(): Owner;
  /** From here on, what runs and what follows from it belongs to `fresh`. */
  begin(fresh: Owner): void;
  runAs<T>(owner: Owner, body: () => T): T;
  /** True where the events of a request's body come with the request's owner by themselves. */
  readonly carriesBodies: boolean;
  /** True where it is known at once whose work goes on when `start` is called in the middle of it. */
  readonly knowsAll: boolean;
  /** Books from now on; may be called again after `stop`. */
  start(): void;
  stop(): void;
  /** After the last `stop`. */
  end(): void;
}

export function createOwners(): Owners {
  return carriesFrames() ? ownersByFrame() : ownersByResource();
}

/** Asks the mechanism, not the version: AsyncLocalStorage without frames leaves its store on the resource that executes. */
function carriesFrames(): boolean {
  const storage = new AsyncLocalStorage<object>();
  const probe = {};
  const onResource = storage.run(probe, () => {
    const resource = executionAsyncResource() as Record<symbol, unknown>;
    return Object.getOwnPropertySymbols(resource).some((key) => resource[key] === probe);
  });
  storage.disable();
  return !onResource;
}
